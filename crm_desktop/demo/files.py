"""Small files for the records of the sample office."""

from __future__ import annotations

from io import BytesIO


def pdf(title: str, lines: list[str]) -> bytes:
    """A one-page PDF; the same words give the same bytes."""
    from reportlab.pdfgen.canvas import Canvas  # lazy: heavy

    target = BytesIO()
    canvas = Canvas(target, pagesize=(420, 595), invariant=1)
    canvas.setTitle(title)
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(40, 540, title)
    canvas.setFont("Helvetica", 11)
    for i, line in enumerate(lines):
        canvas.drawString(40, 505 - 18 * i, line)
    canvas.save()
    return target.getvalue()


def floor_plan(title: str, width: float, depth: float) -> bytes:
    """A drawing of a room with its door, in metres."""
    from reportlab.pdfgen.canvas import Canvas  # lazy: heavy

    target, scale = BytesIO(), 60
    canvas = Canvas(target, pagesize=(420, 595), invariant=1)
    canvas.setTitle(title)
    canvas.setFont("Helvetica-Bold", 14)
    canvas.drawString(40, 540, title)
    canvas.setLineWidth(3)
    canvas.rect(80, 200, width * scale, depth * scale)
    canvas.setLineWidth(1)
    canvas.arc(80 + width * scale - 50, 150, 80 + width * scale, 250, 90, 90)
    canvas.setFont("Helvetica", 10)
    canvas.drawString(80 + width * scale / 2 - 12, 182, f"{width:.1f} m".replace(".", ","))
    canvas.drawString(42, 200 + depth * scale / 2, f"{depth:.1f} m".replace(".", ","))
    canvas.save()
    return target.getvalue()
