// One canvas for everything, bottom up: context, fills, outlines, selection, findings and late tasks, words.
(function () {
  "use strict";
  const gk = (window.Greenkeep = window.Greenkeep || {});

  gk.PlotCanvas = L.Renderer.extend({
    initialize: function (state) {
      L.Renderer.prototype.initialize.call(this, { padding: 0.25 });
      this.state = state;
    },

    _initContainer: function () {
      this._container = document.createElement("canvas");
      this._container.setAttribute("aria-hidden", "true");
      this._pen = this._container.getContext("2d");
    },

    _update: function () {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      const size = this._bounds.getSize();
      const sharp = window.devicePixelRatio > 1 ? 2 : 1;
      L.DomUtil.setPosition(this._container, this._bounds.min);
      this._container.width = sharp * size.x;
      this._container.height = sharp * size.y;
      this._container.style.width = size.x + "px";
      this._container.style.height = size.y + "px";
      this._sharp = sharp;
      this.draw();
    },

    _updatePaths: function () {},

    // A reset follows a move that was drawn already; Leaflet's own would set the canvas between pixels.
    _reset: function () {},

    draw: function () {
      if (!this._bounds) return;
      const pen = this._pen;
      const size = this._bounds.getSize();
      pen.setTransform(this._sharp, 0, 0, this._sharp, 0, 0);
      pen.clearRect(0, 0, size.x, size.y);
      const zoom = this._map.getZoom();
      const scale = Math.pow(2, zoom);
      const corner = this._map.getPixelOrigin().add(this._bounds.min);
      const frame = this._map.containerPointToLayerPoint([0, 0]).subtract(this._bounds.min);
      const seen = this._map.getSize();
      const view = {
        pen: pen, zoom: zoom, scale: scale, x: corner.x, y: corner.y, state: this.state, size: size,
        colours: gk.TOKENS[gk.isDark() ? "dark" : "light"], dark: gk.isDark() ? 1 : 0,
        box: [corner.x / scale, corner.y / scale, (corner.x + size.x) / scale, (corner.y + size.y) / scale],
        seen: [frame.x, frame.y, frame.x + seen.x, frame.y + seen.y],
        controls: controls(this._map, frame),
      };
      const layers = this.state.layers;
      const paths = visible(view);
      if (layers.context) gk.drawContext(view);
      const shaped = paths.filter((item) => item.path);
      dots(view, paths.filter((item) => !item.path));
      fills(view, shaped);
      outlines(view, shaped);
      selection(view, shaped);
      this.clusters = layers.findings ? gk.drawFindings(view) : [];
      if (layers.tasks_overdue) this.clusters = this.clusters.concat(gk.drawTasks(view, this.clusters));
      gk.drawWords(view, paths, this.clusters);
    },
  });

  // The buttons and notes on the map, as boxes in which no word should stand.
  function controls(map, frame) {
    const here = map.getContainer().getBoundingClientRect();
    return [...map.getContainer().querySelectorAll(".leaflet-control")].map((control) => {
      const box = control.getBoundingClientRect();
      return {
        x: box.x - here.x + box.width / 2 + frame.x, y: box.y - here.y + box.height / 2 + frame.y,
        half: box.width / 2 + 4, tall: box.height / 2 + 4,
      };
    });
  }

  // A plot of so few pixels is a dot, however many corners it has; the width of a band is the least that shows a colour.
  const TINY_PX = 4;
  const THIN_PX = 5;
  const BAND_PX = 2.5;

  function visible(view) {
    const box = view.box;
    const paths = [];
    view.state.shapes.forEach((shape, plot) => {
      const b = shape.box;
      if (b[2] < box[0] || b[0] > box[2] || b[3] < box[1] || b[1] > box[3]) return;
      const style = view.state.styleOf(plot, view.dark);
      const isTiny = Math.max(b[2] - b[0], b[3] - b[1]) * view.scale < TINY_PX;
      if (isTiny && !view.state.selected.has(plot)) {
        paths.push({ plot: plot, path: null, style: style });
        return;
      }
      const path = traced(view, shape);
      const isCut = shape.seams && shape.seams.some((seams) => seams.size);
      const edge = isCut ? traced(view, shape, shape.seams) : path;
      paths.push({ plot: plot, path: path, edge: edge, style: style });
    });
    return paths;
  }

  // `seams`: of each ring the points that no line leads to.
  function traced(view, shape, seams) {
    const path = new Path2D();
    shape.rings.forEach((ring, number) => {
      for (let i = 0; i < ring.length; i += 2) {
        const x = ring[i] * view.scale - view.x;
        const y = ring[i + 1] * view.scale - view.y;
        if (i && !(seams && seams[number].has(i))) path.lineTo(x, y);
        else path.moveTo(x, y);
      }
      if (!seams || !seams[number].size) path.closePath();
      else if (!seams[number].has(0)) path.lineTo(ring[0] * view.scale - view.x, ring[1] * view.scale - view.y);
    });
    return path;
  }

  // Fills fade with zoom only over a basemap: without one there is nothing below that should be seen.
  function opacity(view, kind) {
    if (kind === "neutral") return view.state.data.basemap && view.zoom >= 17 ? 0.35 : 0.75;
    const floor = kind === "ramp" ? 0.85 : view.dark ? 0.6 : 0.7;
    if (!view.state.data.basemap) return floor;
    if (view.zoom >= 18) return 0;
    return view.zoom >= 17 ? 0.45 : view.zoom >= 16 ? Math.min(floor, 0.7) : floor;
  }

  function dots(view, tiny) {
    const rimmed = tiny.filter((item) => !isColoured(item));
    view.pen.fillStyle = view.colours.edge;
    for (const item of rimmed) dot(view, item, 1, 0.8);
    for (const item of tiny) {
      view.pen.fillStyle = colourOf(view, item);
      dot(view, item, 0, 1);
    }
    view.pen.globalAlpha = 1;
  }

  function dot(view, item, rim, alpha) {
    const box = view.state.shapes[item.plot].box;
    const width = Math.max(BAND_PX, (box[2] - box[0]) * view.scale) + rim;
    const height = Math.max(BAND_PX, (box[3] - box[1]) * view.scale) + rim;
    const x = ((box[0] + box[2]) / 2) * view.scale - view.x;
    const y = ((box[1] + box[3]) / 2) * view.scale - view.y;
    view.pen.globalAlpha = item.style.hidden ? 0.3 : alpha;
    view.pen.fillRect(x - width / 2, y - height / 2, width, height);
  }

  function isColoured(item) {
    return item.style.kind === "category" && !item.style.hidden;
  }

  function fills(view, paths) {
    const hatch = gk.dots(view.pen, view.colours);
    for (const item of paths) {
      view.pen.globalAlpha = item.style.hidden ? 0.15 : opacity(view, item.style.kind);
      view.pen.fillStyle = item.style.hidden
        ? view.colours.neutral
        : item.style.kind === "empty" ? hatch : item.style.colour || view.colours.neutral;
      view.pen.fill(item.path, "evenodd");
    }
    view.pen.globalAlpha = 1;
  }

  function line(view, paths, width, colour, alpha) {
    view.pen.lineJoin = "round";
    for (const item of paths) {
      view.pen.lineWidth = typeof width === "function" ? width(item) : width;
      view.pen.globalAlpha = item.style.hidden ? 0.3 : alpha;
      view.pen.strokeStyle = typeof colour === "function" ? colour(item) : colour;
      view.pen.stroke(item.edge);
    }
    view.pen.globalAlpha = 1;
  }

  // Where a plot is no more than a line it is drawn as one, wide enough to show its colour; pale ones on a dark rim.
  function outlines(view, paths) {
    const zoom = view.zoom;
    const thick = (item) => gk.thickness(view.state.shapes[item.plot]) * view.scale;
    const isThin = (item) => thick(item) < THIN_PX;
    const band = (item) => Math.max(1, BAND_PX - thick(item));
    const thin = paths.filter(isThin);
    const broad = paths.filter((item) => !isThin(item));
    const coloured = broad.filter(isColoured);
    const plain = broad.filter((item) => !isColoured(item));
    const full = zoom >= 16;
    line(view, thin.filter((item) => !isColoured(item)), (item) => band(item) + 1, view.colours.edge, 0.8);
    line(view, thin, band, (item) => colourOf(view, item), 1);
    if (view.colours.casing && full) line(view, coloured, 5.5, view.colours.casing, 1);
    if (zoom >= 14) line(view, coloured, full ? 4 : BAND_PX, (item) => item.style.colour, 1);
    line(view, coloured, full ? 1.25 : 0.75, view.colours.ink, full ? 1 : 0.8);
    line(view, plain, full ? 1.25 : 1, (item) => (item.style.kind === "ramp" ? view.colours.ink : view.colours.edge), 0.9);
  }

  function colourOf(view, item) {
    if (item.style.hidden) return view.colours.neutral;
    return item.style.kind === "empty" ? view.colours.empty : item.style.colour || view.colours.neutral;
  }

  function selection(view, paths) {
    const chosen = paths.filter((item) => view.state.selected.has(item.plot));
    line(view, chosen, 8, view.colours.halo, 1);
    line(view, chosen, 4, view.colours.focus, 1);
  }
})();
