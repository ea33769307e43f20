"""The reports of sales."""

from __future__ import annotations

from crm_desktop.sales.report_forecast import FORECAST
from crm_desktop.sales.report_pipeline import PIPELINE
from crm_desktop.sales.report_slip import SLIP
from crm_desktop.sales.report_won import SALES_BY

REPORTS = (PIPELINE, FORECAST, SLIP, SALES_BY)
