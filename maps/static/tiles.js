// Plots that come as vector tiles: asked for as the map moves, read, cut to their tiles and put together again.
(function () {
  "use strict";
  const gk = (window.Greenkeep = window.Greenkeep || {});
  const EXTENT = 4096;
  const KEPT = 120;
  const EVERY_MS = 1000;
  const TEXT = new TextDecoder();

  // Leaflet draws zoom z from squares of 256 pixels; our tiles are 512 wide, so that they are one zoom behind.
  gk.Tiles = class {
    constructor(state) {
      this.state = state;
      this.source = state.data.tiles;
      const [west, south, east, north] = this.source.box;
      this.source.world = gk.toWorld(west, north).concat(gk.toWorld(east, south));
      this.read = new Map();
      this.coming = new Map();
      this.numbers = new Map();
      this.chosen = new Set(this.source.selected);
      this.isWhole = false;
      this.shown = { zoom: -1, at: -Infinity };
      const titles = state.data.themes.map((theme) => theme.title);
      state.data.plots.popup_labels = [titles];
    }

    start() {
      this.state.map.on("moveend", () => this.load());
      this.load();
    }

    // The tiles that lie in the frame and on the ground of the register: their zoom, column and row.
    wanted() {
      const map = this.state.map;
      const zoom = Math.min(this.source.deepest, Math.max(0, Math.round(map.getZoom()) - 1));
      const frame = map.getPixelBounds();
      const scale = Math.pow(2, map.getZoom());
      const box = this.source.world;
      const wide = 256 / Math.pow(2, zoom);
      const [west, north] = [Math.max(frame.min.x / scale, box[0]), Math.max(frame.min.y / scale, box[1])];
      const [east, south] = [Math.min(frame.max.x / scale, box[2]), Math.min(frame.max.y / scale, box[3])];
      const found = [];
      for (let x = Math.floor(west / wide); x * wide <= east; x++) {
        for (let y = Math.floor(north / wide); y * wide <= south; y++) found.push([zoom, x, y]);
      }
      return found;
    }

    load() {
      const tiles = this.wanted();
      this.wish = tiles.map((tile) => tile.join("/"));
      this.isWhole = false;
      for (const [key, stop] of this.coming) if (!this.wish.includes(key)) stop.abort();
      tiles.forEach((tile, i) => this.ask(this.wish[i], tile));
      this.show();
    }

    async ask(key, [z, x, y]) {
      if (this.read.has(key) || this.coming.has(key)) return;
      const stop = new AbortController();
      this.coming.set(key, stop);
      const address = this.source.url.replace("{z}", z).replace("{x}", x).replace("{y}", y);
      try {
        const answer = await fetch(address, { signal: stop.signal });
        if (!answer.ok) throw new Error(answer.status);
        this.read.set(key, readTile(new Uint8Array(await answer.arrayBuffer()), z, x, y));
        this.state.plotsFailed = false;
      } catch (error) {
        if (!stop.signal.aborted) this.state.plotsFailed = true;
      }
      this.coming.delete(key);
      this.state.credit();
      if (this.wish.includes(key)) this.show();
    }

    // A zoom is shown as a whole, or bit by bit as long as there is nothing else to look at.
    show() {
      const ready = this.wish.filter((key) => this.read.has(key));
      const zoom = Number((this.wish[0] || "-1").split("/")[0]);
      this.isWhole = ready.length === this.wish.length;
      const isFirst = this.shown.zoom < 0 || this.shown.zoom === zoom;
      if (!this.isWhole && !(isFirst && performance.now() - this.shown.at > EVERY_MS)) return;
      const shapes = [];
      for (const key of ready) for (const plot of this.read.get(key)) this.place(shapes, plot);
      this.state.shapes = shapes;
      this.state.refresh();
      this.shown = { zoom: zoom, at: performance.now() };
      for (const key of this.read.keys()) {
        if (this.read.size <= KEPT) break;
        if (!this.wish.includes(key)) this.read.delete(key);
      }
    }

    // A plot that several tiles show is one shape again: its pieces lie side by side.
    place(shapes, piece) {
      const plot = this.numberOf(piece.facts);
      const known = shapes[plot];
      if (!known) {
        shapes[plot] = { rings: piece.rings, seams: piece.seams, box: piece.box, inside: null };
        return;
      }
      const [a, b] = [known.box, piece.box];
      shapes[plot] = {
        rings: known.rings.concat(piece.rings), seams: known.seams.concat(piece.seams), inside: null,
        box: [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])],
      };
    }

    // A plot keeps its number for as long as the page is open.
    numberOf(facts) {
      const plots = this.state.data.plots;
      let plot = this.numbers.get(facts.code);
      if (plot === undefined) {
        plot = plots.code.length;
        this.numbers.set(facts.code, plot);
        plots.id.push(facts.code);
        plots.code.push(facts.code);
        plots.href.push(this.source.href && this.source.href.replace("{code}", encodeURIComponent(facts.code)));
        plots.popup_run.push(0);
        plots.popup.push(this.state.data.themes.map((theme) => {
          const number = theme.values[facts[theme.key]];
          theme.index[plot] = number === undefined ? -1 : number;
          return number === undefined ? this.state.data.labels.no_data : theme.classes[number].label;
        }));
        if (this.chosen.has(facts.code)) this.state.selected.add(plot);
      }
      plots.name[plot] = facts[this.source.name] || plots.name[plot] || "";
      return plot;
    }
  };

  // Protocol buffers: fields are a number, or a length and bytes.
  function numbers(bytes) {
    const reader = new gk.Reader(bytes);
    const found = [];
    while (!reader.isAtEnd()) found.push(reader.number());
    return found;
  }

  function fields(bytes, visit) {
    const reader = new gk.Reader(bytes);
    while (!reader.isAtEnd()) {
      const key = reader.number();
      const value = reader.number();
      if (key & 7) visit(key >> 3, reader.take(value));
    }
  }

  // Return the plots of a tile's one layer: what is said of each, and its rings in world pixels.
  function readTile(bytes, z, x, y) {
    const features = [];
    const keys = [];
    const values = [];
    fields(bytes, (_, layer) => fields(layer, (field, content) => {
      if (field === 2) features.push(content);
      else if (field === 3) keys.push(TEXT.decode(content));
      else if (field === 4) fields(content, (kind, text) => values.push(TEXT.decode(text)));
    }));
    const unit = 256 / Math.pow(2, z) / EXTENT;
    return features.map((feature) => {
      const plot = { facts: {}, rings: [], seams: [], box: [Infinity, Infinity, -Infinity, -Infinity] };
      fields(feature, (field, content) => {
        const all = numbers(content);
        if (field === 2) for (let i = 0; i < all.length; i += 2) plot.facts[keys[all[i]]] = values[all[i + 1]];
        if (field === 4) for (const ring of ringsOf(all)) addRing(plot, ring, unit, x * EXTENT, y * EXTENT);
      });
      return plot;
    }).filter((plot) => plot.rings.length);
  }

  function ringsOf(commands) {
    const rings = [];
    let [x, y] = [0, 0];
    for (let i = 0; i < commands.length; ) {
      const [what, times] = [commands[i] & 7, commands[i] >> 3];
      i += 1;
      if (what === 7) continue;
      if (what === 1) rings.push([]);
      for (let n = 0; n < times; n++) {
        x += (commands[i] >> 1) ^ -(commands[i] & 1);
        y += (commands[i + 1] >> 1) ^ -(commands[i + 1] & 1);
        rings[rings.length - 1].push(x, y);
        i += 2;
      }
    }
    return rings;
  }

  // A ring is cut to its tile without the buffer. What then runs along the tile's edge is a seam: filled, not outlined.
  function addRing(plot, whole, unit, left, top) {
    let ring = whole;
    for (const axis of [0, 1]) {
      ring = cut(ring, axis, (value) => value >= 0, 0);
      ring = cut(ring, axis, (value) => value <= EXTENT, EXTENT);
    }
    if (ring.length < 6) return;
    const onEdge = (i, j) => [0, 1].some((axis) => ring[i + axis] === ring[j + axis] && ring[i + axis] % EXTENT === 0);
    const seams = new Set();
    for (let j = ring.length - 2, i = 0; i < ring.length; j = i, i += 2) if (ring !== whole && onEdge(i, j)) seams.add(i);
    const placed = new Float64Array(ring.length);
    for (let i = 0; i < ring.length; i += 2) {
      placed[i] = (ring[i] + left) * unit;
      placed[i + 1] = (ring[i + 1] + top) * unit;
      plot.box[0] = Math.min(plot.box[0], placed[i]);
      plot.box[1] = Math.min(plot.box[1], placed[i + 1]);
      plot.box[2] = Math.max(plot.box[2], placed[i]);
      plot.box[3] = Math.max(plot.box[3], placed[i + 1]);
    }
    plot.rings.push(placed);
    plot.seams.push(seams);
  }

  // What of a ring lies on one side of a line; the same ring when all of it does.
  function cut(ring, axis, isInside, limit) {
    let isWhole = true;
    for (let i = axis; i < ring.length && isWhole; i += 2) isWhole = isInside(ring[i]);
    if (isWhole) return ring;
    const kept = [];
    for (let j = ring.length - 2, i = 0; i < ring.length; j = i, i += 2) {
      if (isInside(ring[i + axis]) !== isInside(ring[j + axis])) {
        const share = (limit - ring[j + axis]) / (ring[i + axis] - ring[j + axis]);
        const other = ring[j + 1 - axis] + share * (ring[i + 1 - axis] - ring[j + 1 - axis]);
        kept.push(...(axis ? [other, limit] : [limit, other]));
      }
      if (isInside(ring[i + axis])) kept.push(ring[i], ring[i + 1]);
    }
    return kept;
  }
})();
