"use strict";
// What makes the form quicker by hand: steps and chips for the quantity, the unit of the type, a tap for the place.
(function () {
  const form = document.querySelector("form.filing");
  const quantity = form.elements.quantity;
  const show = (node) => {
    node.hidden = false;
  };
  form.querySelectorAll("[data-step], .chips").forEach(show);

  function setQuantity(value) {
    quantity.value = String(Math.max(1, Math.round(value * 100) / 100));
    mark();
  }
  function mark() {
    for (const chip of form.querySelectorAll("[data-chip]")) {
      chip.setAttribute("aria-pressed", String(chip.dataset.chip === quantity.value));
    }
  }
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.step) setQuantity((Number(quantity.value) || 0) + Number(button.dataset.step));
    if (button.dataset.chip) setQuantity(Number(button.dataset.chip));
  });
  quantity.addEventListener("input", mark);
  mark();

  const unit = form.querySelector("[data-unit-of]");
  form.addEventListener("change", (event) => {
    if (event.target.name === "type") unit.textContent = event.target.dataset.unit;
    if (event.target.name === "plot") draw();
    if (event.target.name === "lon" || event.target.name === "lat") draw();
  });

  // The chosen plot's outline. North is up; a degree of longitude is as long as it is at this latitude.
  const figure = form.querySelector(".placing");
  const svg = figure.querySelector("svg");
  const outlines = JSON.parse(document.getElementById(figure.dataset.outlines).textContent);
  const width = 360;
  const height = 220;
  const margin = 24;
  let frame = null;

  function fit(rings) {
    const xs = rings.flat().map((point) => point[0]);
    const ys = rings.flat().map((point) => point[1]);
    const west = Math.min(...xs);
    const north = Math.max(...ys);
    const squeeze = Math.cos((north * Math.PI) / 180);
    const across = (Math.max(...xs) - west) * squeeze || 1e-6;
    const up = north - Math.min(...ys) || 1e-6;
    const scale = Math.min((width - 2 * margin) / across, (height - 2 * margin) / up);
    const left = (width - across * scale) / 2;
    const top = (height - up * scale) / 2;
    return {
      x: (lon) => left + (lon - west) * squeeze * scale,
      y: (lat) => top + (north - lat) * scale,
      lon: (x) => west + (x - left) / squeeze / scale,
      lat: (y) => north - (y - top) / scale,
    };
  }
  function node(name, attributes) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }
  function draw() {
    const rings = outlines[form.elements.plot.value];
    figure.hidden = !rings;
    svg.replaceChildren();
    if (!rings) return;
    frame = fit(rings);
    for (const ring of rings) {
      const points = ring.map(([lon, lat]) => `${frame.x(lon).toFixed(1)},${frame.y(lat).toFixed(1)}`).join(" ");
      svg.append(node("polygon", { points: points, class: "own" }));
    }
    const lon = Number(form.elements.lon.value);
    const lat = Number(form.elements.lat.value);
    if (form.elements.lon.value && form.elements.lat.value && Number.isFinite(lon + lat)) {
      svg.append(node("circle", { cx: frame.x(lon), cy: frame.y(lat), r: 8, class: "chosen" }));
    }
  }
  function place(lon, lat) {
    form.elements.lon.value = lon.toFixed(6);
    form.elements.lat.value = lat.toFixed(6);
    draw();
  }
  svg.addEventListener("click", (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    place(frame.lon(at.x), frame.lat(at.y));
  });
  draw();

  const here = form.querySelector("[data-here]");
  const fix = form.querySelector("[data-fix]");
  if (navigator.geolocation && window.isSecureContext) {
    show(here);
    here.addEventListener("click", () => {
      fix.textContent = fix.dataset.wait;
      navigator.geolocation.getCurrentPosition(
        (position) => {
          place(position.coords.longitude, position.coords.latitude);
          fix.textContent = `${fix.dataset.got} ±${Math.round(position.coords.accuracy)}`;
        },
        () => {
          fix.textContent = fix.dataset.none;
        },
        { enableHighAccuracy: true, timeout: 20000, maximumAge: 0 },
      );
    });
  }
})();
