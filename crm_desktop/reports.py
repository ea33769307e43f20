"""The one list of reports. Apart from the features: a window starts without them."""

from __future__ import annotations

from crm_desktop.calendar import reports as activity_reports
from crm_desktop.cases import reports as case_reports
from crm_desktop.contacts import reports as contact_reports
from crm_desktop.insight import backup_certificate, erasure_report, field_report, quality_report
from crm_desktop.reporting.registry import ReportSpec
from crm_desktop.sales import reports as sales_reports

REPORTS: tuple[ReportSpec, ...] = (
    *sales_reports.REPORTS,
    *contact_reports.REPORTS,
    *case_reports.REPORTS,
    *activity_reports.REPORTS,
    *quality_report.REPORTS,
    *field_report.REPORTS,
    *erasure_report.REPORTS,
    *backup_certificate.REPORTS,
)
