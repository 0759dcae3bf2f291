// Bars, legend and popups. Text from data enters the page as textContent only.
(function () {
  "use strict";
  const gk = (window.Greenkeep = window.Greenkeep || {});

  gk.element = function (tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const element = gk.element;

  function choice(kind, group, text, checked, onChange) {
    const label = element("label", "gk-choice");
    const input = element("input");
    input.type = kind;
    input.name = group;
    input.checked = checked;
    input.addEventListener("change", () => onChange(input.checked));
    const word = element("span", "gk-word", text);
    word.dataset.word = text;
    label.append(input, word);
    return label;
  }

  function group(title, role) {
    const box = element("div", "gk-group");
    box.setAttribute("role", role);
    box.setAttribute("aria-label", title);
    box.append(element("span", "gk-group-title", title));
    return box;
  }

  gk.topBar = function (state) {
    const words = state.data.labels;
    const bar = element("div", "gk-bar");
    const themes = group(words.theme, "radiogroup");
    const neutral = state.data.findings ? words.findings : words.plots;
    const options = state.data.themes.map((theme) => [theme, theme.title]).concat([[null, neutral]]);
    for (const [theme, title] of options) {
      themes.append(choice("radio", "gk-theme", title, state.theme === theme, () => state.setTheme(theme)));
    }
    if (options.length > 1) bar.append(themes);
    const layers = group(words.layers, "group");
    for (const key of ["findings", "tasks_overdue", "codes", "context"]) {
      if (key === "context" && !state.context) continue;
      if (key === "findings" && !state.data.findings) continue;
      if (key === "tasks_overdue" && !state.overdue.size) continue;
      layers.append(choice("checkbox", "gk-layer-" + key, words[key], state.layers[key], (on) => state.setLayer(key, on)));
    }
    bar.append(layers);
    return bar;
  };

  // As on the map: the fill lets the ground through, a category's band does not.
  function swatch(colour, kind) {
    const box = element("span", "gk-swatch" + (kind ? " gk-" + kind : ""));
    if (colour) box.style.backgroundColor = colour + (kind === "ramp" ? "d9" : "b3");
    if (kind === "category") box.style.borderColor = colour;
    return box;
  }

  function entry(state, mark, text, count, hidden, onToggle) {
    const button = element("button", "gk-entry");
    button.type = "button";
    button.setAttribute("aria-pressed", String(!hidden));
    button.title = state.data.labels.toggle_class;
    button.append(mark, element("span", "", text), element("b", "gk-num", count.toLocaleString(state.data.language)));
    button.addEventListener("click", onToggle);
    return button;
  }

  gk.legend = function (state) {
    const bar = element("div", "gk-legend");
    if (state.theme) bar.append(themeRow(state));
    else if (!state.data.findings) bar.append(plainRow(state));
    if (state.data.findings && state.layers.findings) bar.append(findingRow(state));
    if (state.overdue.size && state.layers.tasks_overdue) bar.append(overdueRow(state));
    return bar;
  };

  function row(title, note) {
    const line = element("div", "gk-legend-row");
    const head = element("span", "gk-legend-title", title);
    if (note) head.append(element("small", "", note));
    line.append(head);
    return line;
  }

  function plainRow(state) {
    const line = row(state.data.labels.plots);
    line.append(element("b", "gk-num", (state.tiles ? state.data.tiles.count : state.shapes.length).toLocaleString(state.data.language)));
    return line;
  }

  function themeRow(state) {
    const theme = state.theme;
    const line = row(theme.title + (theme.unit ? "（" + theme.unit + "）" : ""), theme.method);
    if (theme.unit && state.data.language !== "zh") line.firstChild.firstChild.data = theme.title + " (" + theme.unit + ")";
    const dark = gk.isDark() ? 1 : 0;
    theme.classes.forEach((item, number) => {
      const mark = swatch(item.colours[dark], theme.kind);
      line.append(entry(state, mark, item.label, item.count, state.hidden.has(number), () => state.toggle(number)));
    });
    if (theme.missing) {
      const words = state.data.labels;
      line.append(
        entry(state, swatch("", "empty"), words.no_data, theme.missing, state.hidden.has(-1), () => state.toggle(-1))
      );
    }
    return line;
  }

  function symbolMark(state, name) {
    const mark = element("canvas", "gk-symbol");
    mark.width = mark.height = 36;
    mark.setAttribute("aria-hidden", "true");
    const pen = mark.getContext("2d");
    pen.scale(2, 2);
    const colours = gk.TOKENS[gk.isDark() ? "dark" : "light"];
    const kind = state.data.states[name];
    gk.symbol(pen, kind.shape, 9, 9, 7, state.theme ? colours.ink : kind.colours[gk.isDark() ? 1 : 0], colours.glyph);
    return mark;
  }

  function findingRow(state) {
    const findings = state.data.findings;
    const line = row(state.data.labels.findings + " " + findings.id.length.toLocaleString(state.data.language));
    for (const name of Object.keys(state.data.states)) {
      const count = findings.state.filter((other) => other === name).length;
      if (!count) continue;
      const hidden = state.hiddenStates.has(name);
      line.append(
        entry(state, symbolMark(state, name), state.data.labels.states[name], count, hidden, () => state.toggleState(name))
      );
    }
    const late = findings.is_overdue.filter(Boolean).length;
    if (late) line.append(badge(state.data.labels.overdue, late));
    return line;
  }

  function badge(text, count) {
    const note = element("span", "gk-note");
    note.append(element("span", "gk-badge", String(count)), element("span", "", text));
    return note;
  }

  const lateTasks = (state, plots) => plots.reduce((sum, plot) => sum + (state.overdue.get(plot) || 0), 0);

  function plateMark(state, count) {
    const mark = element("canvas", "gk-plate");
    const half = gk.plateHalf(mark.getContext("2d"), count);
    mark.width = 4 * half + 8;
    mark.height = 40;
    mark.setAttribute("aria-hidden", "true");
    const pen = mark.getContext("2d");
    pen.scale(2, 2);
    gk.plate(pen, count, half + 2, 10, gk.TOKENS[gk.isDark() ? "dark" : "light"]);
    return mark;
  }

  function overdueRow(state) {
    const line = row(state.data.labels.tasks_overdue);
    const total = lateTasks(state, [...state.overdue.keys()]);
    const note = element("span", "gk-note");
    note.append(plateMark(state, total), element("span", "", state.data.labels.plots));
    note.append(element("b", "gk-num", state.overdue.size.toLocaleString(state.data.language)));
    line.append(note);
    return line;
  }

  // What a group holds, in words: for the pointer that rests on it.
  gk.groupCard = function (state, group) {
    const words = state.data.labels;
    const card = element("div", "gk-card");
    if (group.kind === "tasks") {
      card.append(list([[words.tasks_overdue, lateTasks(state, group.members)], [words.plots, group.members.length]]));
      return card;
    }
    const findings = state.data.findings;
    if (group.members.length === 1) return gk.findingCard(state, group.members[0], true);
    const lines = Object.keys(state.data.states)
      .map((name) => [words.states[name], group.members.filter((number) => findings.state[number] === name).length])
      .filter((pair) => pair[1]);
    const late = group.members.filter((number) => findings.is_overdue[number]).length;
    if (late) lines.push([words.overdue, late]);
    card.append(list([[words.findings, group.members.length], ...lines]));
    return card;
  };

  gk.selectionPanel = function (state) {
    const panel = element("div", "gk-selection");
    panel.setAttribute("aria-live", "polite");
    if (!state.selected.size) return panel;
    const words = state.data.labels;
    panel.append(element("span", "", words.selected), element("b", "gk-num", String(state.selected.size)));
    const areas = state.data.plots.area_m2;
    if (areas) {
      const total = [...state.selected].reduce((sum, plot) => sum + areas[plot], 0);
      panel.append(element("span", "", words.total_area));
      panel.append(element("b", "gk-num", Math.round(total).toLocaleString(state.data.language) + " m²"));
    }
    const clear = element("button", "gk-clear", words.clear);
    clear.type = "button";
    clear.addEventListener("click", () => state.select([]));
    panel.append(clear);
    return panel;
  };

  // With its title, and its link if it has one, a card has seven lines at most.
  const roomOf = (href) => (href ? 5 : 6);

  // Code and name, the figure of the theme, the caller's lines, the link: the order is the same everywhere.
  gk.plotCard = function (state, plot, brief) {
    const plots = state.data.plots;
    const card = element("div", "gk-card");
    const head = element("p", "gk-card-title");
    head.append(element("span", "gk-code", plots.code[plot]), element("span", "", plots.name[plot]));
    card.append(head);
    const lines = themeLine(state, plot, pairs(plots, plot));
    const late = lateTasks(state, [plot]);
    if (late) lines.splice(state.theme ? 1 : 0, 0, [state.data.labels.tasks_overdue, late]);
    card.append(list(lines.slice(0, brief ? (state.theme ? 1 : 0) + (late ? 1 : 0) : roomOf(plots.href[plot]))));
    if (!brief && plots.href[plot]) card.append(link(plots.href[plot], state.data.labels.open_plot));
    return card;
  };

  // The theme's figure stands first: the caller's own line of it, which is exact, else the class.
  function themeLine(state, plot, own) {
    if (!state.theme) return own;
    const title = state.theme.title;
    const exact = own.find((pair) => pair[0] && title.startsWith(pair[0]));
    if (exact) return [[title, exact[1]], ...own.filter((pair) => pair !== exact)];
    const number = state.theme.index[plot];
    const value = number < 0 ? state.data.labels.no_data : state.theme.classes[number].label;
    const unit = number >= 0 && state.theme.kind === "ramp" && state.theme.unit ? " " + state.theme.unit : "";
    return [[title, value + unit], ...own];
  }

  gk.findingCard = function (state, number, brief) {
    const findings = state.data.findings;
    const card = element("div", "gk-card");
    const head = element("p", "gk-card-title");
    head.append(element("span", "gk-code", findings.code[number]), element("span", "", findings.label[number]));
    const tag = element("p", "gk-tag");
    tag.append(symbolMark(state, findings.state[number]));
    tag.append(element("span", "", state.data.labels.states[findings.state[number]]));
    if (findings.is_overdue[number]) tag.append(element("span", "gk-badge", state.data.labels.overdue));
    const lines = brief ? [] : pairs(findings, number);
    if (!brief && findings.plot[number]) lines.unshift([state.data.labels.plot, findings.plot[number]]);
    const facts = list(lines.slice(0, roomOf(findings.href[number]) - 1));
    const home = findings.plot_href[number];
    if (!brief && home) facts.querySelector("dd").replaceChildren(link(home, findings.plot[number], "gk-to"));
    card.append(head, tag, facts);
    if (!brief && findings.href[number]) card.append(link(findings.href[number], state.data.labels.open_finding));
    return card;
  };

  function pairs(table, number) {
    const labels = table.popup_labels[table.popup_run[number]] || [];
    return labels.map((label, i) => [label, table.popup[number][i]]);
  }

  function list(lines) {
    const box = element("dl");
    for (const [label, text] of lines) box.append(element("dt", "", label), element("dd", "", String(text)));
    return box;
  }

  // The address was checked when the map was made; setting the property never runs text as markup.
  function link(href, text, kind) {
    const anchor = element("a", kind || "gk-open", text);
    anchor.href = href;
    return anchor;
  }
})();
