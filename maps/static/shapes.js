// Unpacks the data of a map, and answers questions about shapes. World pixels: Web Mercator at zoom 0, 256 wide.
(function () {
  "use strict";
  const gk = (window.Greenkeep = window.Greenkeep || {});
  const UNITS = 100000;

  gk.unpack = async function (text) {
    const letters = atob(text.trim());
    const packed = new Uint8Array(letters.length);
    for (let i = 0; i < letters.length; i++) packed[i] = letters.charCodeAt(i);
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    const length = new DataView(bytes.buffer).getUint32(0);
    const data = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
    return { data: data, shapes: decode(bytes.subarray(4 + length), data.plots.id.length) };
  };

  function worldX(lon) {
    return ((lon + 180) / 360) * 256;
  }

  function worldY(lat) {
    const sine = Math.sin((lat * Math.PI) / 180);
    return (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * 256;
  }

  gk.toWorld = function (lon, lat) {
    return [worldX(lon), worldY(lat)];
  };

  // Reads numbers of seven bits a byte, the lowest first, and bytes between them.
  gk.Reader = class {
    constructor(bytes) {
      this.bytes = bytes;
      this.at = 0;
    }

    isAtEnd() {
      return this.at >= this.bytes.length;
    }

    number() {
      let value = 0;
      let factor = 1;
      let byte;
      do {
        byte = this.bytes[this.at++];
        value += (byte & 127) * factor;
        factor *= 128;
      } while (byte > 127);
      return value;
    }

    take(count) {
      this.at += count;
      return this.bytes.subarray(this.at - count, this.at);
    }
  };

  function decode(bytes, count) {
    const reader = new gk.Reader(bytes);
    const number = () => reader.number();
    function step() {
      const value = number();
      return value % 2 ? -(value + 1) / 2 : value / 2;
    }
    const shapes = [];
    for (let plot = 0; plot < count; plot++) {
      const shape = { rings: [], box: [Infinity, Infinity, -Infinity, -Infinity], inside: null };
      let x = 0;
      let y = 0;
      for (let parts = number(); parts > 0; parts--) {
        for (let rings = number(); rings > 0; rings--) {
          const ring = new Float64Array(2 * number());
          for (let i = 0; i < ring.length; i += 2) {
            x += step();
            y += step();
            ring[i] = worldX(x / UNITS);
            ring[i + 1] = worldY(y / UNITS);
          }
          grow(shape.box, ring);
          shape.rings.push(ring);
        }
      }
      shapes.push(shape);
    }
    return shapes;
  }

  // Lines and rings of context: each is its first point and then steps.
  gk.placed = function (pieces) {
    const shape = { rings: [], box: [Infinity, Infinity, -Infinity, -Infinity], inside: null };
    for (const steps of pieces) {
      const ring = new Float64Array(steps.length);
      let x = 0;
      let y = 0;
      for (let i = 0; i < steps.length; i += 2) {
        x += steps[i];
        y += steps[i + 1];
        ring.set(gk.toWorld(x / UNITS, y / UNITS), i);
      }
      grow(shape.box, ring);
      shape.rings.push(ring);
    }
    return shape;
  };

  function grow(box, ring) {
    for (let i = 0; i < ring.length; i += 2) {
      box[0] = Math.min(box[0], ring[i]);
      box[1] = Math.min(box[1], ring[i + 1]);
      box[2] = Math.max(box[2], ring[i]);
      box[3] = Math.max(box[3], ring[i + 1]);
    }
  }

  // The places where the line at height y crosses the rings, from west to east; with axis 1 the line at x, from north.
  gk.crossings = function (shape, at, axis) {
    const along = axis || 0;
    const found = [];
    for (const ring of shape.rings) {
      let j = ring.length - 2;
      for (let i = 0; i < ring.length; i += 2) {
        const from = ring[i + 1 - along];
        const to = ring[j + 1 - along];
        if (from > at !== to > at) found.push(ring[i + along] + ((at - from) / (to - from)) * (ring[j + along] - ring[i + along]));
        j = i;
      }
    }
    return found.sort((a, b) => a - b);
  };

  gk.contains = function (shape, x, y) {
    const box = shape.box;
    if (x < box[0] || x > box[2] || y < box[1] || y > box[3]) return false;
    return gk.crossings(shape, y).filter((cross) => cross < x).length % 2 === 1;
  };

  // How far a point is from the outline, or Infinity where that is more than `most`.
  gk.distance = function (shape, x, y, most) {
    const box = shape.box;
    let least = Infinity;
    if (x < box[0] - most || x > box[2] + most || y < box[1] - most || y > box[3] + most) return least;
    for (const ring of shape.rings) {
      let j = ring.length - 2;
      for (let i = 0; i < ring.length; i += 2) {
        const dx = ring[i] - ring[j];
        const dy = ring[i + 1] - ring[j + 1];
        const share = ((x - ring[j]) * dx + (y - ring[j + 1]) * dy) / (dx * dx + dy * dy || 1);
        const t = Math.max(0, Math.min(1, share));
        least = Math.min(least, Math.hypot(ring[j] + t * dx - x, ring[j + 1] + t * dy - y));
        j = i;
      }
    }
    return least <= most ? least : Infinity;
  };

  // The width of a strip, half the side of a square: twice the area over the outline's length.
  gk.thickness = function (shape) {
    if (shape.thick !== undefined) return shape.thick;
    let area = 0;
    let length = 0;
    shape.rings.forEach((ring) => {
      let j = ring.length - 2;
      for (let i = 0; i < ring.length; i += 2) {
        area += ring[j] * ring[i + 1] - ring[i] * ring[j + 1];
        length += Math.hypot(ring[i] - ring[j], ring[i + 1] - ring[j + 1]);
        j = i;
      }
    });
    shape.thick = length ? Math.abs(area) / length : 0;
    return shape.thick;
  };

  const SHARES = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8];

  // Cuts through a shape, level and upright: the pieces in which a label could stand, or beside which it could.
  gk.cuts = function (shape) {
    if (!shape.cuts) shape.cuts = gk.cutsIn(shape, shape.box);
    return shape.cuts;
  };

  // The same of the part that lies in a box.
  gk.cutsIn = function (shape, box) {
    const found = [];
    for (const share of SHARES) {
      for (const axis of [0, 1]) {
        const low = Math.max(shape.box[1 - axis], box[1 - axis]);
        const at = low + (Math.min(shape.box[3 - axis], box[3 - axis]) - low) * share;
        const ends = gk.crossings(shape, at, axis);
        for (let i = 0; i + 1 < ends.length; i += 2) found.push({ axis: axis, at: at, from: ends[i], to: ends[i + 1] });
      }
    }
    return found;
  };

  // A point inside the shape where a label has most room, and that room: the widest of a few level cuts.
  gk.inside = function (shape) {
    if (shape.inside) return shape.inside;
    const box = shape.box;
    let best = { x: (box[0] + box[2]) / 2, y: (box[1] + box[3]) / 2, width: 0 };
    for (const cut of gk.cuts(shape)) {
      const width = cut.to - cut.from;
      if (cut.axis === 0 && width > best.width * 1.15) best = { x: (cut.from + cut.to) / 2, y: cut.at, width: width };
    }
    shape.inside = best;
    return best;
  };

  // Points along the outline, no more than a step apart.
  gk.walk = function (shape, step, visit) {
    for (const ring of shape.rings) {
      let j = ring.length - 2;
      for (let i = 0; i < ring.length; i += 2) {
        const count = Math.max(1, Math.ceil(Math.hypot(ring[i] - ring[j], ring[i + 1] - ring[j + 1]) / step));
        for (let n = 0; n < count; n++) {
          visit(ring[j] + ((ring[i] - ring[j]) * n) / count, ring[j + 1] + ((ring[i + 1] - ring[j + 1]) * n) / count);
        }
        j = i;
      }
    }
  };

  // The points round which a rubber band about these shapes would lie, of each shape its outermost four.
  gk.hull = function (shapes) {
    const points = shapes.flatMap(outermost).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const side = (list) => {
      const found = [];
      for (const point of list) {
        while (found.length > 1 && turn(found[found.length - 2], found[found.length - 1], point) <= 0) found.pop();
        found.push(point);
      }
      return found.slice(0, -1);
    };
    return side(points).concat(side(points.reverse()));
  };

  gk.surrounds = function (hull, x, y) {
    return hull.every((point, i) => turn(point, hull[(i + 1) % hull.length], [x, y]) >= 0);
  };

  function turn(a, b, c) {
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
  }

  function outermost(shape) {
    if (shape.outermost) return shape.outermost;
    const most = [[-1, 0], [1, 0], [0, -1], [0, 1]].map((way) => ({ way: way, far: -Infinity, point: null }));
    for (const ring of shape.rings) {
      for (let i = 0; i < ring.length; i += 2) {
        for (const side of most) {
          const far = ring[i] * side.way[0] + ring[i + 1] * side.way[1];
          if (far > side.far) Object.assign(side, { far: far, point: [ring[i], ring[i + 1]] });
        }
      }
    }
    shape.outermost = most.map((side) => side.point);
    return shape.outermost;
  }
})();
