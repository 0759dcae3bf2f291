// Streets and water of the operator's own, below the plots, and their names where nothing else stands.
(function () {
  "use strict";
  const gk = (window.Greenkeep = window.Greenkeep || {});
  const FROM = [9, 10.5, 12, 12.25];
  const LEAST_PX = [3.5, 3, 2.25, 1.75];
  const NAMES_FROM = 13.5;
  const WATER_NAMES_FROM = 12.5;
  const MOST_NAMES = 200;
  const APART_PX = 420;
  const METRES_ROUND = 40075016.686;

  gk.contextOf = function (data) {
    if (!data) return null;
    const streets = data.streets || { name: [] };
    const water = data.water || { name: [] };
    return {
      streets: streets.name
        .map((name, i) => ({ name: name, rank: streets.rank[i], width: streets.width_m[i], ...gk.placed(streets.lines[i]) }))
        .sort((a, b) => b.rank - a.rank),
      water: water.name.map((name, i) => ({ name: name, ...gk.placed(water.rings[i]) })),
    };
  };

  gk.drawContext = function (view) {
    const context = view.state.context;
    const pen = view.pen;
    pen.lineJoin = pen.lineCap = "round";
    for (const item of context.water.filter((one) => isNear(view, one))) {
      const path = pathOf(view, item, true);
      pen.fillStyle = view.colours.water;
      pen.fill(path, "evenodd");
      pen.lineWidth = 1;
      pen.strokeStyle = view.colours.waterEdge;
      pen.stroke(path);
    }
    const streets = context.streets.filter((one) => view.zoom >= FROM[one.rank] && isNear(view, one));
    const drawn = streets.map((street) => ({ path: pathOf(view, street, false), width: widthOf(view, street) }));
    for (const [more, colour] of [[2, view.colours.streetEdge], [0, view.colours.street]]) {
      pen.strokeStyle = colour;
      for (const item of drawn) {
        pen.lineWidth = item.width + more;
        pen.stroke(item.path);
      }
    }
    pen.lineCap = "butt";
  };

  function isNear(view, item) {
    const b = item.box;
    return b[2] >= view.box[0] && b[0] <= view.box[2] && b[3] >= view.box[1] && b[1] <= view.box[3];
  }

  function pathOf(view, item, closed) {
    const path = new Path2D();
    for (const line of item.rings) {
      for (let i = 0; i < line.length; i += 2) {
        path[i ? "lineTo" : "moveTo"](line[i] * view.scale - view.x, line[i + 1] * view.scale - view.y);
      }
      if (closed) path.closePath();
    }
    return path;
  }

  // A street is as wide as it is, but never so thin that it is lost.
  function widthOf(view, street) {
    const middle = (view.box[1] + view.box[3]) / 2;
    const metres = (METRES_ROUND / (256 * view.scale)) / Math.cosh(Math.PI * (1 - middle / 128));
    const least = LEAST_PX[street.rank] * Math.max(0.5, Math.min(1, (view.zoom - 10) / 3));
    return Math.max(least, street.width / metres);
  }

  gk.nameContext = function (view, room) {
    const context = view.state.context;
    if (view.zoom >= WATER_NAMES_FROM) {
      for (const item of context.water.filter((one) => one.name && isNear(view, one))) nameWater(view, room, item);
    }
    if (view.zoom < NAMES_FROM) return;
    const named = context.streets.filter((one) => one.name && view.zoom >= FROM[one.rank] && isNear(view, one));
    const done = [];
    for (const street of named.reverse().slice(0, MOST_NAMES)) {
      for (const line of street.rings) nameStreet(view, room, street, line, done);
    }
  };

  function letters(view, colour) {
    gk.lettering(view, 12, 400);
    view.pen.fillStyle = colour;
    view.pen.strokeStyle = view.colours.ground;
    view.pen.lineWidth = 3;
  }

  function nameWater(view, room, item) {
    letters(view, view.colours.waterText);
    const half = view.pen.measureText(item.name).width / 2;
    const pieces = gk.cuts(item).filter((cut) => cut.axis === 1).concat(gk.cuts(item).filter((cut) => cut.axis === 0));
    const boxes = pieces.map((cut) => {
      const middle = (cut.from + cut.to) / 2;
      const x = (cut.axis ? cut.at : middle) * view.scale - view.x;
      const y = (cut.axis ? middle : cut.at) * view.scale - view.y;
      return { x: x, y: y, half: half + 2, tall: 8 };
    });
    const spot = room.first(boxes, false);
    if (spot) write(view, item.name, spot.x, spot.y, 0);
  }

  // From the middle of what is seen outwards: on the street where it is free of plots, else close beside it.
  function nameStreet(view, room, street, line, done) {
    letters(view, view.colours.streetText);
    const walk = new Walk(view, line);
    const half = view.pen.measureText(street.name).width / 2;
    const wide = widthOf(view, street) / 2;
    const asides = [0, wide / 2, -wide / 2, ...[9, 16, 24, 32].flatMap((more) => [wide + more, -wide - more])];
    for (const at of walk.stops(room.seen)) {
      const spot = walk.level(at, half);
      if (!spot) continue;
      if (done.some((one) => one.name === street.name && Math.hypot(one.x - spot.x, one.y - spot.y) < APART_PX)) continue;
      const isStack = /^\p{Script=Han}+$/u.test(street.name) && Math.abs(spot.turn) > 0.9;
      const boxes = asides.map((aside) => ({
        x: spot.x - Math.sin(spot.turn) * aside,
        y: spot.y + Math.cos(spot.turn) * aside,
        half: half + 3, tall: 7, turn: spot.turn,
      }));
      const box = room.first(boxes, false);
      if (!box) continue;
      done.push({ name: street.name, x: spot.x, y: spot.y });
      if (isStack) stack(view, street.name, box, half);
      else write(view, street.name, box.x, box.y, box.turn);
    }
  }

  function write(view, text, x, y, turn) {
    const pen = view.pen;
    pen.save();
    pen.translate(x, y);
    pen.rotate(turn);
    pen.strokeText(text, 0, 0);
    pen.fillText(text, 0, 0);
    pen.restore();
  }

  // Chinese on a steep street: upright characters, one below the other.
  function stack(view, text, box, half) {
    const step = (2 * half) / text.length;
    const down = Math.sin(box.turn) < 0 ? -1 : 1;
    [...text].forEach((letter, i) => {
      const along = (i - (text.length - 1) / 2) * step * down;
      write(view, letter, box.x + Math.cos(box.turn) * along, box.y + Math.sin(box.turn) * along, 0);
    });
  }

  // A line in canvas pixels that can be asked for the point at a length.
  class Walk {
    constructor(view, line) {
      this.points = [];
      this.length = 0;
      for (let i = 0; i < line.length; i += 2) {
        const x = line[i] * view.scale - view.x;
        const y = line[i + 1] * view.scale - view.y;
        const last = this.points[this.points.length - 1];
        if (last) this.length += Math.hypot(x - last.x, y - last.y);
        this.points.push({ x: x, y: y, at: this.length });
      }
    }

    point(at) {
      let low = 0;
      let high = this.points.length - 1;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (this.points[middle].at <= at) low = middle;
        else high = middle;
      }
      const [a, b] = [this.points[low], this.points[high]];
      const share = b.at > a.at ? (at - a.at) / (b.at - a.at) : 0;
      return { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share };
    }

    stops(seen) {
      const step = Math.max(20, this.length / 120);
      const found = [];
      for (let at = step / 2; at < this.length; at += step) {
        const spot = this.point(at);
        if (spot.x > seen[0] && spot.x < seen[2] && spot.y > seen[1] && spot.y < seen[3]) found.push(at);
      }
      const middle = found[found.length >> 1];
      return found.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle) || a - b);
    }

    // The middle and turn of a text of this half length at this place, or null where the line ends or bends too much.
    level(at, half) {
      if (at < half || at > this.length - half) return null;
      const from = this.point(at - half);
      const to = this.point(at + half);
      const x = (from.x + to.x) / 2;
      const y = (from.y + to.y) / 2;
      const here = this.point(at);
      if (Math.hypot(here.x - x, here.y - y) > 4) return null;
      const turn = Math.atan2(to.y - from.y, to.x - from.x);
      return { x: x, y: y, turn: turn > Math.PI / 2 ? turn - Math.PI : turn <= -Math.PI / 2 ? turn + Math.PI : turn };
    }
  }
})();
