// What hands do: mouse, wheel, fingers, keys. And the small controls that stand on the map.
(function () {
  "use strict";
  const gk = (window.Greenkeep = window.Greenkeep || {});

  gk.addControls = function (state) {
    const words = state.data.labels;
    add("topright", () => {
      const box = gk.element("div", "leaflet-bar");
      const button = gk.element("a", "gk-fit");
      button.href = "#";
      button.title = words.show_all;
      button.setAttribute("role", "button");
      button.setAttribute("aria-label", words.show_all);
      L.DomEvent.on(button, "click", (event) => {
        L.DomEvent.stop(event);
        state.showAll();
      });
      box.append(button);
      return box;
    });
    L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 120 }).addTo(state.map);
    add("bottomleft", () => {
      const north = gk.element("div", "gk-north");
      north.append(gk.element("span", "gk-arrow"), gk.element("span", "", words.north));
      return north;
    });
    add("bottomright", () => {
      state.corner = gk.element("div", "gk-corner");
      state.credit();
      return state.corner;
    });

    function add(position, make) {
      const Control = L.Control.extend({ onAdd: make });
      new Control({ position: position }).addTo(state.map);
    }
  };

  gk.listen = function (state) {
    pointer(state);
    boxes(state);
    wheel(state);
    keys(state);
    new MutationObserver(() => state.refresh()).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
    new ResizeObserver(() => state.map.invalidateSize({ animate: false })).observe(state.frame);
  };

  // Shift and drag draws a box: the plots whose middle lies in it are added to the selection.
  function boxes(state) {
    const Boxes = L.Map.BoxZoom.extend({
      _onMouseUp: function (event) {
        if (event.which !== 1 && event.button !== 1) return;
        const from = state.map.containerPointToLatLng(this._startPoint);
        const to = state.map.containerPointToLatLng(this._point || this._startPoint);
        const dragged = this._moved;
        this._finish();
        if (!dragged) return;
        this._clearDeferredResetState();
        this._resetStateTimeout = window.setTimeout(L.Util.bind(this._resetState, this), 0);
        const bounds = L.latLngBounds(from, to);
        const inside = state.shapes
          .map((shape, plot) => [plot, gk.inside(shape)])
          .filter((pair) => bounds.contains(state.latLng(pair[1].x, pair[1].y)))
          .map((pair) => pair[0]);
        state.select([...new Set([...state.selected, ...inside])]);
      },
    });
    state.map.addHandler("plotBoxes", Boxes);
    state.map.plotBoxes.enable();
  }

  function pointer(state) {
    const map = state.map;
    const tip = L.tooltip({ className: "gk-tip", offset: [14, 0], direction: "right" });
    map.on("click", (event) => {
      const group = state.groupAt(event.containerPoint);
      if (group) return state.openGroup(group);
      const plot = state.plotAt(event.latlng);
      if (plot < 0) return undefined;
      if (event.originalEvent.shiftKey) {
        const chosen = [...state.selected];
        state.select(chosen.includes(plot) ? chosen.filter((other) => other !== plot) : chosen.concat(plot));
      } else {
        state.select([plot]);
        state.openPlot(plot, event.latlng);
      }
      return undefined;
    });
    let shown = -1;
    map.on("mousemove", (event) => {
      const group = state.groupAt(event.containerPoint);
      const plot = group ? -1 : state.plotAt(event.latlng);
      const over = group || plot;
      map.getContainer().classList.toggle("gk-over", over !== -1);
      if (over === -1) map.closeTooltip(tip);
      else {
        if (over !== shown) tip.setContent(group ? gk.groupCard(state, group) : gk.plotCard(state, plot, true));
        map.openTooltip(tip.setLatLng(event.latlng));
      }
      shown = over;
    });
    map.on("mouseout", () => map.closeTooltip(tip));
  }

  // The page scrolls over the map until the map is clicked; Ctrl zooms at once.
  function wheel(state) {
    const map = state.map;
    const container = map.getContainer();
    let timer = 0;
    map.on("click", () => map.scrollWheelZoom.enable());
    container.addEventListener("mouseleave", () => map.scrollWheelZoom.disable());
    container.addEventListener(
      "wheel",
      (event) => {
        if (map.scrollWheelZoom.enabled()) return;
        if (event.ctrlKey) {
          event.preventDefault();
          map.setZoomAround(map.mouseEventToContainerPoint(event), map.getZoom() + (event.deltaY < 0 ? 0.5 : -0.5));
          return;
        }
        state.hint.classList.add("gk-shown");
        window.clearTimeout(timer);
        timer = window.setTimeout(() => state.hint.classList.remove("gk-shown"), 1200);
      },
      { passive: false }
    );
  }

  function keys(state) {
    const map = state.map;
    let current = -1;
    map.getContainer().addEventListener("keydown", (event) => {
      if (event.target !== map.getContainer()) {
        if (event.key === "Escape") map.getContainer().focus();
        return;
      }
      if (event.key === "Enter") {
        const plot = state.plotAt(map.getCenter());
        if (plot >= 0) show(plot);
      } else if (event.key === "n" || event.key === "p") {
        const there = [...state.shapes.keys()].filter((plot) => state.shapes[plot]);
        if (!there.length) return;
        show(there[(there.indexOf(current) + (event.key === "n" ? 1 : -1) + there.length) % there.length]);
      } else if (event.key === "Escape") {
        map.closePopup();
        map.getContainer().blur();
      }
    });

    function show(plot) {
      const spot = gk.inside(state.shapes[plot]);
      current = plot;
      state.select([plot]);
      map.setView(state.latLng(spot.x, spot.y), Math.max(map.getZoom(), 15), { animate: false });
      state.openPlot(plot);
      const anchor = map.getContainer().querySelector(".gk-open");
      if (anchor) anchor.setAttribute("tabindex", "0");
    }
  }
})();
