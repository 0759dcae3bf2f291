// Findings and late tasks: gathered into groups that do not cover each other, and drawn.
(function () {
  "use strict";
  const gk = (window.Greenkeep = window.Greenkeep || {});
  const CELLS = [[13.5, 80], [14.5, 64], [15.75, 48], [Infinity, 20]];
  const GAP = 5;
  const PLATE = 18;

  // First by cells of a grid that stands still when the map moves, then whatever would touch.
  function gather(view, spots, radiusOf) {
    const cell = CELLS.find((row) => view.zoom < row[0])[1];
    const cells = new Map();
    for (const spot of spots) {
      const key = Math.floor(spot.x / cell) + "/" + Math.floor(spot.y / cell);
      if (!cells.has(key)) cells.set(key, []);
      cells.get(key).push(spot);
    }
    let groups = [...cells.values()].map((members) => group(view, members, radiusOf)).filter((one) => isNear(view, one));
    for (let before = Infinity; groups.length < before; ) {
      before = groups.length;
      groups = merged(view, groups, radiusOf);
    }
    return groups;
  }

  // Each group takes in what touches it; its place may move by that, so that the caller asks again until nothing does.
  function merged(view, groups, radiusOf) {
    const left = groups.slice();
    const done = [];
    while (left.length) {
      const one = left.shift();
      const touching = left.filter((other) => Math.hypot(one.x - other.x, one.y - other.y) < one.radius + other.radius + GAP);
      for (const other of touching) left.splice(left.indexOf(other), 1);
      const spots = touching.reduce((all, other) => all.concat(other.spots), one.spots);
      done.push(touching.length ? group(view, spots, radiusOf) : one);
    }
    return done;
  }

  // A group stands on the member nearest to the middle of all: somewhere real.
  function group(view, spots, radiusOf) {
    const mean = (side) => spots.reduce((sum, spot) => sum + spot[side], 0) / spots.length;
    const [x, y] = [mean("x"), mean("y")];
    const far = (spot) => Math.hypot(spot.x - x, spot.y - y);
    const middle = spots.reduce((best, spot) => (far(spot) < far(best) ? spot : best));
    return {
      x: middle.x - view.x, y: middle.y - view.y, spots: spots, members: spots.map((spot) => spot.number),
      radius: radiusOf(spots.length),
    };
  }

  function isNear(view, one) {
    const size = view.size;
    return one.x > -60 && one.y > -60 && one.x < size.x + 60 && one.y < size.y + 60;
  }

  gk.drawFindings = function (view) {
    const findings = view.state.data.findings;
    const spots = [];
    findings.world.forEach((world, number) => {
      if (view.state.hiddenStates.has(findings.state[number])) return;
      spots.push({ x: world[0] * view.scale, y: world[1] * view.scale, number: number });
    });
    const groups = gather(view, spots, (count) => (count > 1 ? Math.min(24, 14 + Math.sqrt(count)) : view.zoom >= 16 ? 11 : 8));
    for (const one of groups) {
      one.kind = "findings";
      if (one.members.length > 1) drawGroup(view, one);
      else drawOne(view, one);
    }
    return groups;
  };

  // One hue theme at a time: over coloured plots the points are ink with a light ring.
  function solid(view, state) {
    if (view.state.theme) return view.colours.ink;
    return view.state.data.states[state].colours[view.dark];
  }

  function drawGroup(view, one) {
    const findings = view.state.data.findings;
    const total = one.members.length;
    const slices = Object.keys(view.state.data.states)
      .map((state) => ({
        count: one.members.filter((number) => findings.state[number] === state).length,
        colour: solid(view, state),
      }))
      .filter((slice) => slice.count);
    const ring = view.state.theme ? [{ count: total, colour: view.colours.ink }] : slices;
    gk.cluster(view.pen, one.x, one.y, one.radius, total, ring, view.colours);
    const late = one.members.filter((number) => findings.is_overdue[number]).length;
    if (late) gk.badge(view.pen, String(late), one.x + one.radius * 0.85, one.y - one.radius * 0.85, view.colours);
  }

  function drawOne(view, one) {
    const findings = view.state.data.findings;
    const state = findings.state[one.members[0]];
    const shape = view.state.data.states[state].shape;
    gk.symbol(view.pen, shape, one.x, one.y, one.radius * 0.85, solid(view, state), view.colours.glyph);
    if (findings.is_overdue[one.members[0]]) gk.badge(view.pen, "!", one.x + one.radius, one.y - one.radius, view.colours);
  }

  const ASIDES = [[0, 0], [0, -1], [0, 1], [1, 0], [-1, 0], [1, -1], [-1, -1], [1, 1], [-1, 1], [0, -2], [0, 2]];

  // A plate stands on its plot, or beside the findings that are there already.
  gk.drawTasks = function (view, taken) {
    const spots = [...view.state.overdue.keys()].map((plot) => {
      const spot = gk.inside(view.state.shapes[plot]);
      return { x: spot.x * view.scale, y: spot.y * view.scale, number: plot };
    });
    const groups = gather(view, spots, () => PLATE);
    for (const one of groups) {
      one.kind = "tasks";
      const total = one.members.reduce((sum, plot) => sum + view.state.overdue.get(plot), 0);
      one.half = gk.plateHalf(view.pen, total);
      const isFree = (aside) => taken.every((other) => {
        const across = Math.max(0, Math.abs(one.x + aside[0] * 34 - other.x) - one.half);
        const down = Math.max(0, Math.abs(one.y + aside[1] * 26 - other.y) - 9);
        return Math.hypot(across, down) > other.radius + 4;
      });
      const aside = ASIDES.find(isFree) || ASIDES[0];
      one.x += aside[0] * 34;
      one.y += aside[1] * 26;
      gk.plate(view.pen, total, one.x, one.y, view.colours);
    }
    return groups;
  };
})();
