// Where words may stand: a coarse grid of what is on the canvas already. Boxes are turned rectangles in canvas pixels.
(function () {
  "use strict";
  const gk = (window.Greenkeep = window.Greenkeep || {});
  const GRAIN = 4;
  const PLOT = 1;
  const MARK = 2;

  gk.Room = class {
    // `seen` is the part of the canvas that the frame shows: [west, north, east, south].
    constructor(size, seen) {
      this.wide = Math.ceil(size.x / GRAIN);
      this.tall = Math.ceil(size.y / GRAIN);
      this.cells = new Uint8Array(this.wide * this.tall);
      this.seen = seen;
    }

    mark(x, y, kind) {
      const column = Math.floor(x / GRAIN);
      const row = Math.floor(y / GRAIN);
      if (column < 0 || row < 0 || column >= this.wide || row >= this.tall) return;
      this.cells[row * this.wide + column] |= kind;
    }

    // A plot takes its outline, walked step by step, and the rows between.
    takeShape(shape, view) {
      const left = shape.box[0] * view.scale - view.x;
      const top = Math.max(0, shape.box[1] * view.scale - view.y);
      const bottom = Math.min(this.tall * GRAIN, shape.box[3] * view.scale - view.y);
      const [wide, tall] = [(shape.box[2] - shape.box[0]) * view.scale, (shape.box[3] - shape.box[1]) * view.scale];
      if (wide < 2 * GRAIN && tall < 2 * GRAIN) {
        this.mark(left + wide / 2, shape.box[1] * view.scale - view.y + tall / 2, PLOT);
        return;
      }
      for (const ring of shape.rings) {
        let j = ring.length - 2;
        for (let i = 0; i < ring.length; i += 2) {
          const steps = Math.ceil((Math.abs(ring[i] - ring[j]) + Math.abs(ring[i + 1] - ring[j + 1])) * view.scale / GRAIN) || 1;
          for (let k = 0; k < steps; k++) {
            const x = ring[j] + ((ring[i] - ring[j]) * k) / steps;
            const y = ring[j + 1] + ((ring[i + 1] - ring[j + 1]) * k) / steps;
            this.mark(x * view.scale - view.x, y * view.scale - view.y, PLOT);
          }
          j = i;
        }
      }
      if (left > this.wide * GRAIN) return;
      for (let y = top + GRAIN; y < bottom; y += GRAIN) {
        const ends = gk.crossings(shape, (y + view.y) / view.scale);
        for (let i = 0; i + 1 < ends.length; i += 2) {
          const stop = Math.min(this.wide * GRAIN, ends[i + 1] * view.scale - view.x);
          for (let x = Math.max(0, ends[i] * view.scale - view.x); x < stop; x += GRAIN) this.mark(x, y, PLOT);
        }
      }
    }

    take(box) {
      for (const [x, y] of spots(box)) this.mark(x, y, MARK);
    }

    isFree(box, overPlots) {
      const kinds = overPlots ? MARK : PLOT | MARK;
      for (const [x, y] of spots(box)) {
        if (x < this.seen[0] || y < this.seen[1] || x >= this.seen[2] || y >= this.seen[3]) return false;
        if (this.cells[Math.floor(y / GRAIN) * this.wide + Math.floor(x / GRAIN)] & kinds) return false;
      }
      return true;
    }

    // The first of these boxes that is free is taken; else undefined.
    first(boxes, overPlots) {
      const found = boxes.find((box) => this.isFree(box, overPlots));
      if (found) this.take(found);
      return found;
    }
  };

  // Points less than a grain apart that cover a box: middle x and y, half its width and height, its turn.
  function spots(box) {
    const found = [];
    const cos = Math.cos(box.turn || 0);
    const sin = Math.sin(box.turn || 0);
    const columns = Math.ceil((2 * box.half) / GRAIN);
    const rows = Math.ceil((2 * box.tall) / GRAIN);
    for (let i = 0; i <= columns; i++) {
      const u = -box.half + (2 * box.half * i) / columns;
      for (let j = 0; j <= rows; j++) {
        const v = -box.tall + (2 * box.tall * j) / rows;
        found.push([box.x + u * cos - v * sin, box.y + u * sin + v * cos]);
      }
    }
    return found;
  }
})();
