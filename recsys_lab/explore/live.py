"""The explorable in a live notebook: ipywidgets beside a FigureWidget, drawn when asked for."""

from html import escape

from recsys_lab.explore.controls import Choice, Pad, Slider, Toggle


def live(explorable):
    """An ipywidgets box: question, controls, figure, sentence. Any value of the lists is drawn."""
    import ipywidgets as widgets
    import plotly.graph_objects as go

    figure = go.FigureWidget(explorable.figure())
    figure.layout.autosize = True  # as wide as the cell
    figure._config = figure._config | {"displayModeBar": False, "responsive": True}
    says = widgets.HTML()
    inputs = {name: _inputs(control) for name, control in explorable.controls.items()}

    def params():
        return {name: read() for name, (_, read) in inputs.items()}

    def show(_=None):
        now = params()
        drawn = explorable.figure(**now)
        with figure.batch_update():
            if [trace.type for trace in figure.data] == [trace.type for trace in drawn.data]:
                for old, new in zip(figure.data, drawn.data):
                    old.update(new.to_plotly_json(), overwrite=True)
            else:
                figure.data = []
                figure.add_traces(drawn.data)
            figure.layout.update(drawn.layout.to_plotly_json() | {"autosize": True}, overwrite=True)
        says.value = f"<p><b>{escape(explorable.says(**now))}</b></p>"

    for parts, _ in inputs.values():
        for part in parts:
            part.observe(show, names="value")
    says.value = f"<p><b>{escape(explorable.says())}</b></p>"
    question = widgets.HTML(f"<p><i>{escape(explorable.question)}</i></p>")
    return widgets.VBox(
        [question, *(p for parts, _ in inputs.values() for p in parts), figure, says]
    )


def _inputs(control):
    """``(widgets, read)``: the widgets of one control, and a function that gives its value."""
    import ipywidgets as widgets

    look = {"style": {"description_width": "initial"}, "layout": {"width": "95%"}}
    match control:
        case Toggle():
            box = widgets.Checkbox(control.start, description=control.label, **look)
            return [box], lambda: box.value
        case Slider() | Choice():
            options = list(zip(control.labels, control.values))
            kind = widgets.SelectionSlider if isinstance(control, Slider) else widgets.Dropdown
            one = kind(options=options, value=control.start, description=control.label, **look)
            return [one], lambda: one.value
        case Pad():
            sides = [
                widgets.SelectionSlider(
                    options=grid, value=start, description=f"{control.label}: {words}", **look
                )
                for grid, start, words in zip((control.x, control.y), control.start, control.names)
            ]
            return sides, lambda: tuple(side.value for side in sides)
