"""Charts that carry the data behind them (Plotly, Vega-Lite, Bokeh), read as tables, judged by form, drawn anew.

Decides whether the data behind a chart are what it shows. Bars, curves, heat maps and pies of groups are; what carries
one value per person (histograms, box plots, scatters, aggregates that the reader's browser would work out) is not.

Worked example: a Plotly bar chart of three regions gives a table of three rows; with hover data of 300 ids the ids are
in no part of what is kept. A Plotly histogram of 300 ages is refused: its bars are made from the ages in the browser.
"""

from .find import Chart, as_base64, chart_in_page, chart_of, note, parts, picture

__all__ = ["Chart", "as_base64", "chart_in_page", "chart_of", "note", "parts", "picture"]
