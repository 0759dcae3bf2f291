// The shapes of findings, the rings of clusters and the patterns of plots, drawn on a canvas.
(function () {
  "use strict";
  const gk = (window.Greenkeep = window.Greenkeep || {});

  gk.TOKENS = {
    light: {
      ground: "#F4F6F4", ink: "#17201C", halo: "#FFFFFF", neutral: "#C4CDC8", edge: "#5F6C65", disc: "#FFFFFF",
      empty: "#FFFFFF", glyph: "#FFFFFF", focus: "#0B57D0", overdue: "#A8160C", casing: "",
      street: "#FFFFFF", streetEdge: "#BAC5BF", streetText: "#46524C", water: "#DCE9F0", waterEdge: "#B9D0DC", waterText: "#2B5F86",
    },
    dark: {
      ground: "#171D1A", ink: "#E8EEEA", halo: "#0B0F0D", neutral: "#2C3A33", edge: "#7E8C85", disc: "#1F2723",
      empty: "#1F2723", glyph: "#0B0F0D", focus: "#9CC2FF", overdue: "#EF5C4C", casing: "#0B0F0D",
      street: "#262E2A", streetEdge: "#3A4540", streetText: "#B9C4BE", water: "#12232D", waterEdge: "#28434F", waterText: "#8FB9D6",
    },
  };

  gk.isDark = function () {
    return document.documentElement.getAttribute("data-bs-theme") === "dark";
  };

  function polygon(ctx, x, y, points) {
    ctx.beginPath();
    points.forEach((point, i) => ctx[i ? "lineTo" : "moveTo"](x + point[0], y + point[1]));
    ctx.closePath();
  }

  function disc(ctx, x, y, radius) {
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
  }

  function strokes(ctx, x, y, r, lines) {
    ctx.beginPath();
    for (const line of lines) {
      line.forEach((point, i) => ctx[i ? "lineTo" : "moveTo"](x + point[0] * r, y + point[1] * r));
    }
    ctx.stroke();
  }

  const OUTLINES = {
    triangle: [[0, -1.05], [1.05, 0.8], [-1.05, 0.8]],
    diamond: [[0, -1.1], [1.1, 0], [0, 1.1], [-1.1, 0]],
    octagon: [[-0.41, -1], [0.41, -1], [1, -0.41], [1, 0.41], [0.41, 1], [-0.41, 1], [-1, 0.41], [-1, -0.41]],
    check: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
  };
  const GLYPHS = {
    check: [[[-0.45, 0.05], [-0.1, 0.4], [0.5, -0.4]]],
    octagon: [[[0, -0.55], [0, 0.15]], [[0, 0.42], [0, 0.56]]],
    back: [[[0.5, 0.35], [0.5, -0.1], [-0.45, -0.1]], [[-0.15, -0.4], [-0.45, -0.1], [-0.15, 0.2]]],
  };

  gk.symbol = function (ctx, shape, x, y, radius, solid, glyph) {
    if (OUTLINES[shape]) polygon(ctx, x, y, OUTLINES[shape].map((p) => [p[0] * radius, p[1] * radius]));
    else disc(ctx, x, y, radius);
    ctx.lineJoin = "round";
    ctx.lineCap = "round";
    ctx.strokeStyle = glyph;
    ctx.lineWidth = 3;
    ctx.stroke();
    ctx.fillStyle = solid;
    ctx.fill();
    ctx.lineWidth = Math.max(1.5, radius / 4.5);
    if (GLYPHS[shape]) strokes(ctx, x, y, radius, GLYPHS[shape]);
    if (shape === "ring") {
      disc(ctx, x, y, radius * 0.55);
      ctx.fillStyle = glyph;
      ctx.fill();
    }
  };

  gk.badge = function (ctx, text, x, y, colours) {
    ctx.font = "600 11px " + gk.FONT;
    const width = Math.max(14, ctx.measureText(text).width + 8);
    ctx.beginPath();
    ctx.roundRect(x - width / 2, y - 8, width, 16, 3);
    ctx.fillStyle = colours.overdue;
    ctx.fill();
    ctx.lineWidth = 1;
    ctx.strokeStyle = colours.glyph;
    ctx.stroke();
    ctx.fillStyle = colours.glyph;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(text, x, y + 0.5);
  };

  // Late tasks: a red plate with a clock and their number, so that it is not taken for the badge of a finding.
  gk.plate = function (ctx, count, x, y, colours) {
    ctx.font = "600 12px " + gk.FONT;
    const half = gk.plateHalf(ctx, count);
    ctx.beginPath();
    ctx.roundRect(x - half, y - 9, 2 * half, 18, 4);
    ctx.fillStyle = colours.overdue;
    ctx.fill();
    ctx.lineWidth = 1.5;
    ctx.strokeStyle = colours.glyph;
    ctx.stroke();
    disc(ctx, x - half + 10, y, 4.5);
    ctx.stroke();
    strokes(ctx, x - half + 10, y, 4.5, [[[0, -0.65], [0, 0], [0.5, 0.2]]]);
    ctx.fillStyle = colours.glyph;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(String(count), x + 7, y + 0.5);
  };

  gk.plateHalf = function (ctx, count) {
    ctx.font = "600 12px " + gk.FONT;
    return 12 + ctx.measureText(String(count)).width / 2;
  };

  // A disc with the number of findings, its ring split by state in fixed order with 2 degree gaps.
  gk.cluster = function (ctx, x, y, radius, total, slices, colours) {
    disc(ctx, x, y, radius + 2);
    ctx.fillStyle = colours.halo;
    ctx.fill();
    disc(ctx, x, y, radius);
    ctx.fillStyle = colours.disc;
    ctx.fill();
    const gap = slices.length > 1 ? Math.PI / 90 : 0;
    let from = -Math.PI / 2;
    for (const slice of slices) {
      const to = from + (2 * Math.PI * slice.count) / total;
      ctx.beginPath();
      ctx.arc(x, y, radius - 2, from + gap, to - gap);
      ctx.strokeStyle = slice.colour;
      ctx.lineWidth = 5;
      ctx.lineCap = "butt";
      ctx.stroke();
      from = to;
    }
    ctx.font = "600 13px " + gk.FONT;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillStyle = colours.ink;
    ctx.fillText(String(total), x, y + 1);
  };

  gk.FONT = '"Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", "Noto Sans CJK SC", sans-serif';

  // Dots on an empty fill: "no data" is a class of its own, never zero's colour.
  gk.dots = function (ctx, colours) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.fillStyle = colours.empty;
    pen.fillRect(0, 0, 8, 8);
    pen.fillStyle = colours.edge;
    for (const at of [2, 6]) {
      disc(pen, at, at, 0.9);
      pen.fill();
    }
    return ctx.createPattern(tile, "repeat");
  };
})();
