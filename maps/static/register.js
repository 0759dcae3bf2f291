// Starts a map: data into state, state onto canvas and bars, hands of the user into state.
(function () {
  "use strict";
  const gk = (window.Greenkeep = window.Greenkeep || {});

  const NO_THEME = "findings";

  gk.start = async function (map, dataId) {
    const holder = document.getElementById(dataId);
    const section = map.getContainer().closest(".gk-map");
    if (!("DecompressionStream" in window) || !CanvasRenderingContext2D.prototype.roundRect) {
      section.append(gk.element("p", "gk-message", section.dataset.tooOld));
      return;
    }
    const state = new State(map, section, await gk.unpack(holder.textContent));
    state.open();
    section.gkState = state;
    section.dispatchEvent(new CustomEvent("gk:ready", { bubbles: true }));
  };

  class State {
    constructor(map, section, unpacked) {
      this.map = map;
      this.section = section;
      this.data = unpacked.data;
      this.shapes = unpacked.shapes;
      this.theme = this.themeOf(this.data.shown);
      this.overdue = new Map(this.data.overdue);
      this.context = gk.contextOf(this.data.context);
      this.selected = new Set(this.data.selected);
      this.hidden = new Set();
      this.hiddenStates = new Set();
      this.layers = {
        findings: Boolean(this.data.findings), tasks_overdue: this.data.shows_overdue && this.overdue.size > 0,
        codes: true, context: Boolean(this.context),
      };
      if (this.data.findings) this.data.findings.world = this.data.findings.xy.map((xy) => gk.toWorld(xy[0], xy[1]));
      this.tiles = this.data.tiles ? new gk.Tiles(this) : null;
      const wanted = new URLSearchParams(window.location.search).get("sel");
      if (wanted) this.data.plots.id.forEach((id, i) => wanted.split(",").includes(id) && this.selected.add(i));
    }

    open() {
      const map = this.map;
      const words = this.data.labels;
      const container = map.getContainer();
      container.setAttribute("aria-label", words.map + ". " + words.keys);
      container.setAttribute("role", "application");
      this.section.lang = this.data.language;
      this.frame = container.closest(".gk-frame");
      this.hint = gk.element("div", "gk-hint", words.wheel);
      this.hint.setAttribute("aria-hidden", "true");
      this.frame.append(this.hint);
      this.bar = gk.topBar(this);
      this.frame.before(this.bar);
      const chosen = this.bar.querySelector(".gk-choice:has(input[type=radio]:checked)");
      if (chosen) chosen.parentElement.scrollLeft = chosen.offsetLeft + chosen.offsetWidth - chosen.parentElement.offsetWidth;
      this.below = gk.element("div", "gk-below");
      this.frame.after(this.below);
      L.control.zoom({ position: "topright", zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
      gk.addControls(this);
      if (this.data.basemap) this.addBasemap();
      this.canvas = new gk.PlotCanvas(this);
      this.refresh();
      map.invalidateSize({ animate: false });
      this.showAll();
      this.canvas.addTo(map); // last: it draws as soon as it is there, and again whenever something moves
      if (this.tiles) this.tiles.start();
      gk.listen(this);
    }

    addBasemap() {
      const basemap = this.data.basemap;
      const layer = L.tileLayer(basemap.url, {
        maxNativeZoom: 18, maxZoom: 21, className: "gk-tiles",
      });
      layer.once("tileerror", () => {
        this.tilesFailed = true;
        this.credit();
      });
      layer.addTo(this.map);
    }

    // The corner says what the ground is.
    credit() {
      const words = this.data.labels;
      const own = this.layers.context ? words.own_streets : "";
      const tiles = this.tilesFailed ? words.tiles_failed : this.data.basemap ? this.data.basemap.credit : "";
      const plots = this.plotsFailed ? words.plots_failed : "";
      this.corner.textContent = [plots, tiles, own].filter(Boolean).join(" · ") || words.no_basemap;
    }

    world(latlng) {
      return gk.toWorld(latlng.lng, latlng.lat);
    }

    latLng(x, y) {
      return this.map.unproject(L.point(x, y), 0);
    }

    showAll() {
      const box = this.tiles ? this.data.tiles.world.slice() : [Infinity, Infinity, -Infinity, -Infinity];
      const points = this.data.findings && !this.shapes.length ? this.data.findings.world : [];
      for (const b of this.boxes().concat(points.map((p) => [p[0], p[1], p[0], p[1]]))) {
        for (const side of [0, 1]) {
          box[side] = Math.min(box[side], b[side]);
          box[side + 2] = Math.max(box[side + 2], b[side + 2]);
        }
      }
      if (!(box[2] >= box[0])) return;
      const bounds = L.latLngBounds(this.latLng(box[0], box[1]), this.latLng(box[2], box[3]));
      this.map.fitBounds(bounds, { paddingTopLeft: [16, 20], paddingBottomRight: [16, 40], maxZoom: 18, animate: false });
    }

    boxes() {
      return this.tiles ? [] : this.shapes.map((shape) => shape.box);
    }

    styleOf(plot, dark) {
      if (!this.theme) return { kind: "neutral", colour: "", hidden: false };
      const number = this.theme.index[plot];
      const hidden = this.hidden.has(number);
      if (number < 0) return { kind: "empty", colour: "", hidden: hidden };
      return { kind: this.theme.kind, colour: this.theme.classes[number].colours[dark], hidden: hidden };
    }

    // Without a theme the findings show their own colours.
    themeOf(key) {
      return this.data.themes.find((theme) => theme.key === key) || (key === NO_THEME ? null : this.data.themes[0] || null);
    }

    setTheme(theme) {
      this.theme = theme;
      this.ask("theme", theme ? theme.key : NO_THEME);
      this.hidden.clear();
      this.map.closePopup();
      this.refresh();
    }

    // What is chosen stands in the page's address; the page is told of it, for its links and forms.
    ask(name, value) {
      if (window.location.protocol.startsWith("http")) {
        const address = new URL(window.location.href);
        if (value) address.searchParams.set(name, value);
        else address.searchParams.delete(name);
        window.history.replaceState(window.history.state, "", address);
      }
      this.section.dispatchEvent(new CustomEvent("gk:ask", { bubbles: true, detail: { name: name, value: value } }));
    }

    setLayer(key, on) {
      this.layers[key] = on;
      this.credit();
      this.refresh();
    }

    toggle(number) {
      flip(this.hidden, number);
      this.refresh();
    }

    toggleState(name) {
      flip(this.hiddenStates, name);
      this.refresh();
    }

    select(plots) {
      this.selected = new Set(plots);
      this.ask("sel", plots.map((plot) => this.data.plots.id[plot]).join(","));
      this.refresh();
    }

    refresh() {
      const focused = document.activeElement ? [...this.below.querySelectorAll("button")].indexOf(document.activeElement) : -1;
      this.below.replaceChildren(gk.legend(this), gk.selectionPanel(this));
      const buttons = this.below.querySelectorAll("button");
      if (focused >= 0 && buttons[focused]) buttons[focused].focus();
      this.canvas.draw();
    }

    // The smallest plot at a place; else the nearest within a finger's or a pointer's breadth: strips are thin.
    plotAt(latlng) {
      const world = this.world(latlng);
      const most = (window.matchMedia("(pointer: coarse)").matches ? 12 : 5) / Math.pow(2, this.map.getZoom());
      let found = { plot: -1, size: Infinity };
      let near = { plot: -1, distance: Infinity };
      this.shapes.forEach((shape, plot) => {
        const size = (shape.box[2] - shape.box[0]) * (shape.box[3] - shape.box[1]);
        if (size < found.size && gk.contains(shape, world[0], world[1])) found = { plot: plot, size: size };
        const distance = found.plot < 0 ? gk.distance(shape, world[0], world[1], most) : Infinity;
        if (distance < near.distance) near = { plot: plot, distance: distance };
      });
      return found.plot < 0 ? near.plot : found.plot;
    }

    groupAt(containerPoint) {
      const corner = this.map.containerPointToLayerPoint([0, 0]).subtract(this.canvas._bounds.min);
      const x = containerPoint.x + corner.x;
      const y = containerPoint.y + corner.y;
      return this.canvas.clusters.find((group) => {
        if (group.half) return Math.abs(group.x - x) <= group.half + 2 && Math.abs(group.y - y) <= 11;
        return Math.hypot(group.x - x, group.y - y) <= group.radius + 3;
      });
    }

    popup(latlng, card) {
      const popup = L.popup({
        minWidth: 200, maxWidth: Math.min(280, this.map.getSize().x - 116), autoPanPaddingTopLeft: [16, 16], autoPanPaddingBottomRight: [60, 16],
      });
      popup.setLatLng(latlng).setContent(card).openOn(this.map);
      const close = popup.getElement().querySelector(".leaflet-popup-close-button");
      close.setAttribute("aria-label", this.data.labels.close);
    }

    openPlot(plot, latlng) {
      const spot = gk.inside(this.shapes[plot]);
      this.popup(latlng || this.latLng(spot.x, spot.y), gk.plotCard(this, plot, false));
    }

    // One alone opens its card; several come nearer, or open as a list where nothing parts them.
    openGroup(group) {
      const isTasks = group.kind === "tasks";
      const place = (number) => {
        if (!isTasks) return this.data.findings.world[number];
        const spot = gk.inside(this.shapes[number]);
        return [spot.x, spot.y];
      };
      const spots = group.members.map((number) => this.latLng(...place(number)));
      const bounds = L.latLngBounds(spots);
      if (group.members.length === 1 && isTasks) {
        this.select(group.members);
        this.openPlot(group.members[0]);
      } else if (group.members.length === 1) {
        this.popup(spots[0], gk.findingCard(this, group.members[0]));
      } else if (this.map.getZoom() >= 18 || bounds.getNorthEast().equals(bounds.getSouthWest())) {
        const card = gk.element("div", "gk-card gk-many");
        for (const number of group.members.slice(0, 20)) {
          card.append(isTasks ? gk.plotCard(this, number, false) : gk.findingCard(this, number));
        }
        this.popup(spots[0], card);
      } else {
        this.map.fitBounds(bounds, { padding: [60, 60], maxZoom: Math.max(16, this.map.getZoom() + 1) });
      }
    }
  }

  function flip(set, item) {
    if (!set.delete(item)) set.add(item);
  }
})();
