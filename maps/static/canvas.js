// One canvas for all plots and findings: fills, outlines, overdue plots, points and clusters, selection, codes.
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

    draw: function () {
      if (!this._bounds) return;
      const pen = this._pen;
      const size = this._bounds.getSize();
      pen.setTransform(this._sharp, 0, 0, this._sharp, 0, 0);
      pen.clearRect(0, 0, size.x, size.y);
      const zoom = this._map.getZoom();
      const scale = Math.pow(2, zoom);
      const corner = this._map.getPixelOrigin().add(this._bounds.min);
      const view = {
        pen: pen, zoom: zoom, scale: scale, x: corner.x, y: corner.y, state: this.state,
        colours: gk.TOKENS[gk.isDark() ? "dark" : "light"], dark: gk.isDark() ? 1 : 0,
        box: [corner.x / scale, corner.y / scale, (corner.x + size.x) / scale, (corner.y + size.y) / scale],
      };
      const paths = visible(view);
      fills(view, paths);
      outlines(view, paths);
      if (this.state.layers.tasks_overdue) overdue(view, paths);
      if (this.state.layers.findings) this.clusters = points(view);
      else this.clusters = [];
      selection(view, paths);
      if (zoom < CODES_FROM) zones(view);
      else if (this.state.layers.codes) codes(view, paths);
    },
  });

  function visible(view) {
    const box = view.box;
    const paths = [];
    view.state.shapes.forEach((shape, plot) => {
      const b = shape.box;
      if (b[2] < box[0] || b[0] > box[2] || b[3] < box[1] || b[1] > box[3]) return;
      const path = new Path2D();
      for (const ring of shape.rings) {
        for (let i = 0; i < ring.length; i += 2) {
          const x = ring[i] * view.scale - view.x;
          const y = ring[i + 1] * view.scale - view.y;
          if (i) path.lineTo(x, y);
          else path.moveTo(x, y);
        }
        path.closePath();
      }
      paths.push({ plot: plot, path: path, style: view.state.styleOf(plot, view.dark) });
    });
    return paths;
  }

  // Fills fade with zoom only over a basemap: without one there is nothing below that should be seen.
  function opacity(view, kind) {
    if (kind === "neutral") return view.state.data.basemap && view.zoom >= 17 ? 0.35 : 0.75;
    const floor = kind === "ramp" ? 0.85 : view.dark ? 0.6 : 0.7;
    if (!view.state.data.basemap) return floor;
    if (view.zoom >= 18) return 0;
    return view.zoom >= 17 ? 0.45 : view.zoom >= 16 ? Math.min(floor, 0.7) : floor;
  }

  function fills(view, paths) {
    const dots = gk.dots(view.pen, view.colours);
    for (const item of paths) {
      view.pen.globalAlpha = item.style.hidden ? 0.15 : opacity(view, item.style.kind);
      view.pen.fillStyle = item.style.hidden
        ? view.colours.neutral
        : item.style.kind === "empty" ? dots : item.style.colour || view.colours.neutral;
      view.pen.fill(item.path, "evenodd");
    }
    view.pen.globalAlpha = 1;
  }

  function line(view, paths, width, colour, alpha) {
    view.pen.lineJoin = "round";
    view.pen.lineWidth = width;
    for (const item of paths) {
      view.pen.globalAlpha = item.style.hidden ? 0.3 : alpha;
      view.pen.strokeStyle = typeof colour === "function" ? colour(item) : colour;
      view.pen.stroke(item.path);
    }
    view.pen.globalAlpha = 1;
  }

  function outlines(view, paths) {
    const zoom = view.zoom;
    const coloured = paths.filter((item) => item.style.kind === "category" && !item.style.hidden);
    const plain = paths.filter((item) => item.style.kind !== "category" || item.style.hidden);
    const full = zoom >= 16;
    if (view.colours.casing && full) line(view, coloured, 5.5, view.colours.casing, 1);
    if (zoom >= 14) line(view, coloured, full ? 4 : 2.5, (item) => item.style.colour, 1);
    line(view, coloured, full ? 1.25 : 0.75, view.colours.ink, full ? 1 : 0.8);
    line(view, plain, full ? 1.25 : 1, (item) => (item.style.kind === "ramp" ? view.colours.ink : view.colours.edge), 0.9);
  }

  function overdue(view, paths) {
    const late = paths.filter((item) => view.state.overdue.has(item.plot));
    view.pen.setLineDash([]);
    line(view, late, 5, view.colours.glyph, 0.9);
    line(view, late, 2.5, view.colours.overdue, 1);
    if (view.zoom < 14) return;
    for (const item of late) {
      const box = view.state.shapes[item.plot].box;
      const x = box[2] * view.scale - view.x;
      const y = box[1] * view.scale - view.y;
      gk.badge(view.pen, "!", x - 4, y + 4, view.colours);
    }
  }

  function selection(view, paths) {
    const chosen = paths.filter((item) => view.state.selected.has(item.plot));
    line(view, chosen, 8, view.colours.halo, 1);
    line(view, chosen, 4, view.colours.focus, 1);
  }

  const CODES_FROM = 14.75;

  function lettering(view, size) {
    view.pen.font = "600 " + size + "px " + gk.FONT;
    view.pen.textAlign = "center";
    view.pen.textBaseline = "middle";
    view.pen.lineJoin = "round";
    view.pen.strokeStyle = view.colours.halo;
    view.pen.fillStyle = view.colours.ink;
  }

  // The name of a zone and how many plots it has, above the topmost of them, or below the lowest.
  function zones(view) {
    const plots = view.state.data.plots;
    lettering(view, 13);
    view.pen.lineWidth = 4;
    const taken = [];
    plots.zones.forEach((name, zone) => {
      const boxes = view.state.shapes.filter((_, plot) => plots.zone[plot] === zone).map((shape) => shape.box);
      const west = Math.min(...boxes.map((box) => box[0]));
      const east = Math.max(...boxes.map((box) => box[2]));
      const x = ((west + east) / 2) * view.scale - view.x;
      const top = Math.min(...boxes.map((box) => box[1])) * view.scale - view.y - 10;
      const bottom = Math.max(...boxes.map((box) => box[3])) * view.scale - view.y + 12;
      const text = name + " " + boxes.length;
      const half = view.pen.measureText(text).width / 2;
      const clashes = (other, y) => Math.abs(other.y - y) < 18 && Math.abs(other.x - x) < other.half + half + 4;
      const y = [top, bottom].find((height) => !taken.some((other) => clashes(other, height)));
      if (y === undefined) return;
      taken.push({ x: x, y: y, half: half });
      view.pen.strokeText(text, x, y);
      view.pen.fillText(text, x, y);
    });
  }

  function codes(view, paths) {
    const pen = view.pen;
    lettering(view, 12);
    for (const item of paths) {
      if (item.style.hidden) continue;
      const shape = view.state.shapes[item.plot];
      const spot = gk.inside(shape);
      const plots = view.state.data.plots;
      const room = spot.width * view.scale - 8;
      const tall = (shape.box[3] - shape.box[1]) * view.scale;
      const lines = [plots.code[item.plot]];
      if (view.zoom >= 16 && tall > 40) lines.push(plots.name[item.plot]);
      const fitting = lines.filter((text) => text && pen.measureText(text).width <= room);
      if (!fitting.length || tall < 18 || fitting[0] !== lines[0]) continue;
      const x = spot.x * view.scale - view.x;
      const y = spot.y * view.scale - view.y - 8 * (fitting.length - 1);
      if (view.taken && view.taken.some((other) => Math.hypot(other[0] - x, other[1] - y) < 24)) continue;
      pen.lineWidth = 3;
      fitting.forEach((text, row) => {
        pen.strokeText(text, x, y + 16 * row);
        pen.fillText(text, x, y + 16 * row);
      });
    }
  }

  const CELLS = [[13.5, 80], [14.5, 64], [15.75, 48]];

  function points(view) {
    const findings = view.state.data.findings;
    const cell = (CELLS.find((row) => view.zoom < row[0]) || [0, 0])[1];
    const groups = [];
    findings.world.forEach((world, number) => {
      if (view.state.hiddenStates.has(findings.state[number])) return;
      const x = world[0] * view.scale;
      const y = world[1] * view.scale;
      const near = cell && groups.find((group) => Math.hypot(group.x - x, group.y - y) < cell * 0.6);
      if (near) near.members.push(number);
      else groups.push({ x: x, y: y, members: [number] });
    });
    view.taken = [];
    const drawn = [];
    for (const group of groups) {
      const x = group.x - view.x;
      const y = group.y - view.y;
      const radius = group.members.length > 1 ? Math.min(24, 14 + Math.sqrt(group.members.length)) : view.zoom >= 16 ? 11 : 8;
      view.taken.push([x, y]);
      drawn.push({ x: x, y: y, radius: radius, members: group.members });
      if (group.members.length > 1) drawGroup(view, x, y, radius, group.members);
      else drawOne(view, x, y, radius, group.members[0]);
    }
    return drawn;
  }

  // One hue theme at a time: over coloured plots the points are ink with a light ring.
  function solid(view, state) {
    if (view.state.theme) return view.colours.ink;
    return view.state.data.states[state].colours[view.dark];
  }

  function drawGroup(view, x, y, radius, members) {
    const findings = view.state.data.findings;
    const slices = Object.keys(view.state.data.states)
      .map((state) => ({
        count: members.filter((number) => findings.state[number] === state).length,
        colour: solid(view, state),
      }))
      .filter((slice) => slice.count);
    gk.cluster(view.pen, x, y, radius, members.length, view.state.theme ? [{ count: members.length, colour: view.colours.ink }] : slices, view.colours);
    const late = members.filter((number) => findings.is_overdue[number]).length;
    if (late) gk.badge(view.pen, String(late), x + radius * 0.85, y - radius * 0.85, view.colours);
  }

  function drawOne(view, x, y, radius, number) {
    const findings = view.state.data.findings;
    const state = findings.state[number];
    gk.symbol(view.pen, view.state.data.states[state].shape, x, y, radius * 0.85, solid(view, state), view.colours.glyph);
    if (findings.is_overdue[number]) gk.badge(view.pen, "!", x + radius, y - radius, view.colours);
  }
})();
