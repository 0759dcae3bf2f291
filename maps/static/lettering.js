// Names of zones and codes of plots: inside where there is room, else beside; never over each other or over findings.
(function () {
  "use strict";
  const gk = (window.Greenkeep = window.Greenkeep || {});
  const CODES_FROM = 14.75;
  const NAMES_FROM = 16;
  const STEP = 12;

  gk.lettering = function (view, size, weight) {
    view.pen.font = (weight || 600) + " " + size + "px " + gk.FONT;
    view.pen.textAlign = "center";
    view.pen.textBaseline = "middle";
    view.pen.lineJoin = "round";
    view.pen.strokeStyle = view.colours.halo;
    view.pen.fillStyle = view.colours.ink;
  };

  // Words in the order of their right to stand somewhere: zones, codes, then the context's names.
  gk.drawWords = function (view, paths, marks) {
    const wantsCodes = view.zoom >= CODES_FROM && view.state.layers.codes;
    const wantsZones = view.zoom < CODES_FROM && view.state.data.plots.zones.length;
    if (!wantsCodes && !wantsZones && !view.state.layers.context) return;
    const room = new gk.Room(view.size, view.seen);
    for (const item of paths) room.takeShape(view.state.shapes[item.plot], view);
    for (const one of marks) room.take({ x: one.x, y: one.y, half: (one.half || one.radius) + 3, tall: one.half ? 12 : one.radius + 3 });
    for (const box of view.controls) room.take(box);
    if (wantsZones) zones(view, room);
    if (wantsCodes) codes(view, paths, room);
    if (view.state.layers.context) gk.nameContext(view, room);
  };

  function write(view, text, x, y) {
    view.pen.strokeText(text, x, y);
    view.pen.fillText(text, x, y);
  }

  // The name of a zone and how many plots it has, on its own ground, as near to its middle as there is room: the small
  // zones first. Where a whole name finds no room its middle half stands there; one that fits nowhere is left out.
  function zones(view, room) {
    const plots = view.state.data.plots;
    const ground = groundOf(view);
    gk.lettering(view, view.seen[2] - view.seen[0] < 500 ? 12 : 13);
    view.pen.lineWidth = 4;
    const groups = plots.zones.map((name, zone) => {
      const shapes = view.state.shapes.filter((_, plot) => plots.zone[plot] === zone);
      return { text: name + " " + shapes.length, spots: ground.spots(zone, shapes), zone: zone, hull: gk.hull(shapes) };
    });
    groups.sort((a, b) => a.spots.length - b.spots.length);
    for (const one of groups) {
      const layouts = [[one.text], halves(one.text)].map((lines) => {
        const half = Math.max(...lines.map((text) => view.pen.measureText(text).width)) / 2 + 4;
        return one.spots.map((spot) => ({ x: spot[0], y: spot[1], half: half, tall: 2 + 8 * lines.length, lines: lines }));
      });
      let box;
      for (const share of [1, 0.5]) {
        const fitting = layouts.map((layout) => layout.filter((spot) => ground.holds(spot, one, share)));
        for (const overPlots of [false, true]) for (const layout of fitting) box = box || room.first(layout, overPlots);
      }
      if (box) box.lines.forEach((text, row) => write(view, text, box.x, box.y + 16 * row - 8 * (box.lines.length - 1)));
    }
  }

  // What the frame shows in cells of STEP pixels: each belongs to the zone whose plots are nearest.
  function groundOf(view) {
    const plots = view.state.data.plots;
    const [west, north, east, south] = view.seen;
    const [wide, tall] = [Math.ceil((east - west) / STEP), Math.ceil((south - north) / STEP)];
    const owner = new Int16Array(wide * tall).fill(-1);
    let edge = [];
    const take = (column, row, zone) => {
      if (column < 0 || row < 0 || column >= wide || row >= tall || owner[row * wide + column] >= 0) return;
      owner[row * wide + column] = zone;
      edge.push([column, row]);
    };
    view.state.shapes.forEach((shape, plot) => {
      const zone = plots.zone[plot];
      if (zone < 0) return;
      gk.walk(shape, STEP / view.scale, (x, y) => {
        take(Math.floor((x * view.scale - view.x - west) / STEP), Math.floor((y * view.scale - view.y - north) / STEP), zone);
      });
    });
    while (edge.length) {
      const last = edge;
      edge = [];
      for (const [column, row] of last) {
        const zone = owner[row * wide + column];
        for (const [across, down] of [[0, -1], [0, 1], [-1, 0], [1, 0]]) take(column + across, row + down, zone);
      }
    }
    const zoneAt = (x, y) => owner[Math.floor((y - north) / STEP) * wide + Math.floor((x - west) / STEP)];

    // The middles of a zone's plots and cells, from the middle of all outwards.
    function spots(zone, shapes) {
      const middle = (i) => shapes.reduce((sum, shape) => sum + shape.box[i] + shape.box[i + 2], 0) / (2 * shapes.length);
      const [x, y] = [middle(0) * view.scale - view.x, middle(1) * view.scale - view.y];
      const found = shapes.slice(0, 200).map(gk.inside).map((spot) => [spot.x * view.scale - view.x, spot.y * view.scale - view.y]);
      owner.forEach((other, cell) => {
        if (other === zone) found.push([west + ((cell % wide) + 0.5) * STEP, north + (Math.floor(cell / wide) + 0.5) * STEP]);
      });
      return found.sort((a, b) => Math.hypot(a[0] - x, a[1] - y) - Math.hypot(b[0] - x, b[1] - y));
    }

    // Whether this share of a box stands on a zone's ground, between its plots and not beyond them.
    function holds(box, group, share) {
      return [-1, -0.5, 0, 0.5, 1].every((across) =>
        [-1, 1].every((down) => {
          const [x, y] = [box.x + across * share * (box.half - 4), box.y + down * share * (box.tall - 4)];
          const isSeen = x > west && x < east && y > north && y < south;
          return isSeen && zoneAt(x, y) === group.zone && gk.surrounds(group.hull, (x + view.x) / view.scale, (y + view.y) / view.scale);
        })
      );
    }

    return { spots: spots, holds: holds };
  }

  // Two lines, parted at the space that stands nearest to the middle.
  function halves(text) {
    const words = text.split(" ");
    const cuts = words.slice(1).map((_, i) => [words.slice(0, i + 1).join(" "), words.slice(i + 1).join(" ")]);
    const longer = (pair) => Math.max(pair[0].length, pair[1].length);
    return cuts.reduce((best, pair) => (longer(pair) < longer(best) ? pair : best));
  }

  function codes(view, paths, room) {
    gk.lettering(view, 12);
    view.pen.lineWidth = 3;
    const rank = (plot) => (view.state.selected.has(plot) ? 2 : view.state.overdue.has(plot) ? 1 : 0);
    const size = (plot) => gk.thickness(view.state.shapes[plot]);
    const order = paths.filter((item) => !item.style.hidden).map((item) => item.plot);
    order.sort((a, b) => rank(b) - rank(a) || size(b) - size(a) || a - b);
    for (const plot of order) {
      const code = view.state.data.plots.code[plot];
      if (code && !inside(view, room, plot, code)) beside(view, room, plot, code);
    }
  }

  // Cuts of what the frame shows of a plot; those of a whole one are kept.
  function cuts(view, shape) {
    const [west, north, east, south] = view.seen;
    const seen = [[west, view.x], [north, view.y], [east, view.x], [south, view.y]].map((pair) => (pair[0] + pair[1]) / view.scale);
    const b = shape.box;
    if (b[2] < seen[0] || b[3] < seen[1] || b[0] > seen[2] || b[1] > seen[3]) return [];
    const isWhole = b[0] >= seen[0] && b[1] >= seen[1] && b[2] <= seen[2] && b[3] <= seen[3];
    return isWhole ? gk.cuts(shape) : gk.cutsIn(shape, seen);
  }

  function inside(view, room, plot, code) {
    const shape = view.state.shapes[plot];
    const name = view.zoom >= NAMES_FROM ? view.state.data.plots.name[plot] : "";
    for (const lines of name ? [[code, name], [code]] : [[code]]) {
      const half = Math.max(...lines.map((text) => view.pen.measureText(text).width)) / 2;
      const tall = 8 * lines.length;
      const boxes = cuts(view, shape)
        .filter((cut) => cut.axis === 0 && (cut.to - cut.from) * view.scale >= 2 * half + 8)
        .map((cut) => ({
          x: ((cut.from + cut.to) / 2) * view.scale - view.x, y: cut.at * view.scale - view.y, half: half, tall: tall,
        }))
        .filter((box) => holds(view, shape, box));
      const box = room.first(boxes, true);
      if (!box) continue;
      lines.forEach((text, row) => write(view, text, box.x, box.y + 16 * row - 8 * (lines.length - 1)));
      return true;
    }
    return false;
  }

  // Whether a shape reaches around a box: its corners and the middles of its long sides lie inside.
  function holds(view, shape, box) {
    return [-1, 0, 1].every((across) =>
      [-1, 1].every((down) => {
        const x = (box.x + across * box.half + view.x) / view.scale;
        return gk.contains(shape, x, (box.y + down * (box.tall - 2) + view.y) / view.scale);
      })
    );
  }

  function beside(view, room, plot, code) {
    const half = view.pen.measureText(code).width / 2;
    const boxes = [];
    for (const cut of cuts(view, view.state.shapes[plot])) {
      const [from, to] = [cut.from * view.scale, cut.to * view.scale];
      const at = cut.at * view.scale;
      if (to - from > 40) continue;
      for (const spot of cut.axis ? [[at, from - 11], [at, to + 11]] : [[from - half - 6, at], [to + half + 6, at]]) {
        boxes.push({ x: spot[0] - view.x, y: spot[1] - view.y, half: half + 1, tall: 7 });
      }
    }
    const box = room.first(boxes, false);
    if (box) write(view, code, box.x, box.y);
  }
})();
