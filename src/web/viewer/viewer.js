/* SPDX-License-Identifier: MIT
 *
 * The viewer: every date of a series as it came in, what was found, and what came out. See ../README.md for the data.
 *
 *     clearvisionViewer.mount(element, series, base)      returns {destroy()}
 *     clearvisionViewer.themeButton()                      light, dark, automatic
 *     clearvisionViewer.el(name, attributes, ...children)  an element; attributes: text, onEVENT, or the element's own
 *
 * All text from the series goes through textContent; nothing is ever parsed as markup. Styles are set through the CSSOM,
 * which a Content-Security-Policy of 'self' allows.
 */
(function () {
  'use strict';

  const LAYERS = ['input', 'clear', 'mask', 'quality'];
  const LARGEST_ZOOM = 24;

  /* ---- Small things --------------------------------------------------------------------------------- */

  function el(name, attributes, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === 'text') node.textContent = value;
      else if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
      else if (value === true) node.setAttribute(key, '');
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
    }
    for (const child of children) if (child !== null && child !== undefined) node.append(child);
    return node;
  }

  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
  const isNumber = (value) => typeof value === 'number' && isFinite(value);

  function percent(share) {
    if (!isNumber(share)) return '–';
    const value = 100 * share;
    if (value > 0 && value < 0.5) return '<\u202f1\u202f%';
    if (value < 100 && value > 99.5) return '>\u202f99\u202f%';
    return Math.round(value) + '\u202f%';
  }

  function bytes(count) {
    if (!isNumber(count)) return '';
    const units = ['B', 'kB', 'MB', 'GB', 'TB'];
    let unit = 0;
    while (count >= 1000 && unit < units.length - 1) {
      count /= 1000;
      unit++;
    }
    return (unit && count < 10 ? count.toFixed(1) : Math.round(count)) + '\u202f' + units[unit];
  }

  /* Digits in groups of three, as coordinates are read. */
  function grouped(value, digits) {
    const [whole, part] = Math.abs(value).toFixed(digits).split('.');
    return (value < 0 ? '−' : '') + whole.replace(/\B(?=(\d{3})+$)/g, '\u202f') + (part ? '.' + part : '');
  }

  /* A reference of the series: relative, or nothing. */
  function reference(base, href) {
    if (typeof href !== 'string' || /^[a-z][a-z0-9+.-]*:/i.test(href) || /^[/\\]/.test(href)) return null;
    return base + href;
  }

  const icons = {
    play: 'M7 4.5v15l12-7.5z',
    pause: 'M6 5h4v14H6zM14 5h4v14h-4z',
    plus: 'M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z',
    minus: 'M5 11h14v2H5z',
    fit: 'M4 4h6v2H6v4H4zM14 4h6v6h-2V6h-4zM4 14h2v4h4v2H4zM18 14h2v6h-6v-2h4z',
    previous: 'M15.5 5 8.5 12l7 7 1.6-1.6L11.7 12l5.4-5.4z',
    next: 'M8.5 5l7 7-7 7-1.6-1.6 5.4-5.4-5.4-5.4z',
    down: 'M11 4h2v9l3.6-3.6L18 10.8l-6 6-6-6 1.4-1.4L11 13zM5 18h14v2H5z',
    theme: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 2v14a7 7 0 0 1 0-14z',
    north: 'M12 2l6 19-6-4-6 4z',
  };

  function icon(name) {
    const space = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(space, 'svg');
    const path = document.createElementNS(space, 'path');
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('aria-hidden', 'true');
    svg.setAttribute('class', 'cv-icon');
    path.setAttribute('d', icons[name]);
    svg.append(path);
    return svg;
  }

  const calm = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

  /* ---- Light and dark ------------------------------------------------------------------------------- */

  const themes = ['auto', 'light', 'dark'];

  function themeNow() {
    const theme = document.documentElement.dataset.theme;
    return themes.includes(theme) ? theme : 'auto';
  }

  function setTheme(theme) {
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem('clearvision-theme', theme);
    } catch (refused) {
      /* Private windows and some file: pages keep nothing: the choice then lasts as long as the page. */
    }
  }

  function rememberedTheme() {
    try {
      return localStorage.getItem('clearvision-theme');
    } catch (refused) {
      return null;
    }
  }

  function themeButton() {
    const label = el('span');
    const button = el('button', {
      class: 'cv-button cv-quiet cv-theme',
      type: 'button',
      onclick: () => {
        setTheme(themes[(themes.indexOf(themeNow()) + 1) % themes.length]);
        say();
      },
    }, icon('theme'), label);
    function say() {
      label.textContent = {auto: 'Automatic', light: 'Light', dark: 'Dark'}[themeNow()];
      button.setAttribute('aria-label', 'Colours of the page: ' + label.textContent.toLowerCase());
    }
    say();
    return button;
  }

  /* ---- The map's frame ------------------------------------------------------------------------------ */

  /* What is needed of the geotransform: coordinates of a picture's pixel, direction of north. */
  function makeFrame(series) {
    const grid = series.grid || {}, scale = (series.picture && series.picture.scale) || 1;
    const g = Array.isArray(grid.geotransform) && grid.geotransform.length === 6 ? grid.geotransform : null;
    const determinant = g ? g[1] * g[5] - g[2] * g[4] : 0;
    const digits = grid.unit === 'degree' ? 5 : 0;
    return {
      metres: isNumber(grid.pixel_m) && grid.pixel_m > 0 ? grid.pixel_m * scale : null,
      /* Clockwise from up, in radians; null where nothing tells. */
      north: g && determinant ? Math.atan2(-g[2] / determinant, -g[1] / determinant) : null,
      at(x, y) {
        const i = x * scale, j = y * scale;
        if (!g) return 'column ' + Math.floor(i) + ', row ' + Math.floor(j);
        const east = g[0] + g[1] * i + g[2] * j, north = g[3] + g[4] * i + g[5] * j;
        return grid.unit === 'degree'
          ? grouped(north, digits) + '°, ' + grouped(east, digits) + '°'
          : 'E\u00a0' + grouped(east, digits) + '  N\u00a0' + grouped(north, digits);
      },
    };
  }

  /* The longest of 1, 2, 5 times a power of ten that fits. */
  function roundLength(longest) {
    const power = Math.pow(10, Math.floor(Math.log10(longest)));
    const leading = longest / power;
    return (leading >= 5 ? 5 : leading >= 2 ? 2 : 1) * power;
  }

  /* ---- The stage: panes that share one view ---------------------------------------------------------- */

  function makeStage(series, base, changed, resized) {
    const width = series.picture.width, height = series.picture.height;
    const frame = makeFrame(series);
    const state = {left: 'input', right: 'clear', split: 50, zoom: 1, x: 0, y: 0, overlay: 'none',
                   opacity: 0.6, size: [1, 1], fit: 1};

    function makePane(side) {
      const plane = el('div', {class: 'cv-plane'});
      const images = {};
      for (const layer of LAYERS) {
        images[layer] = el('img', {class: 'cv-layer cv-layer-' + layer, alt: '', draggable: 'false', width, height});
        plane.append(images[layer]);
      }
      return {node: el('div', {class: 'cv-pane cv-' + side}, plane), plane, images};
    }
    const panes = {right: makePane('right'), left: makePane('left')};
    const tags = {left: el('span', {class: 'cv-tag cv-tag-left'}), right: el('span', {class: 'cv-tag cv-tag-right'})};
    const divider = el('div', {class: 'cv-divider', 'aria-hidden': 'true'}, el('span', {class: 'cv-knob'}));
    const where = el('span', {class: 'cv-where', 'aria-hidden': 'true'});
    const bar = el('span', {class: 'cv-bar'}), barText = el('span');
    const needle = icon('north');
    const northMark = el('span', {class: 'cv-north', role: 'img', 'aria-label': 'North'}, needle, el('b', {text: 'N'}));
    const corner = el('div', {class: 'cv-corner'}, frame.north === null ? null : northMark,
                      frame.metres ? el('span', {class: 'cv-scale'}, barText, bar) : null);
    const zoomButton = (name, label, act) =>
      el('button', {class: 'cv-button cv-square', type: 'button', 'aria-label': label, title: label, onclick: act}, icon(name));
    const zooms = el('div', {class: 'cv-zooms', role: 'group', 'aria-label': 'Zoom'},
                     zoomButton('plus', 'Zoom in', () => zoomBy(1.6)), zoomButton('minus', 'Zoom out', () => zoomBy(1 / 1.6)),
                     zoomButton('fit', 'Show all', () => setView(1, 0, 0)));
    const view = el('div', {class: 'cv-view', tabindex: '0', role: 'img', 'aria-label': 'Pictures'},
                    panes.right.node, panes.left.node, divider, tags.left, tags.right);
    const node = el('div', {class: 'cv-stage'}, view, corner, zooms, where);

    /* Where the picture's upper left corner lies in the view, and CSS pixels a picture pixel. */
    function placed() {
      const scale = state.fit * state.zoom;
      return {scale, left: (state.size[0] - width * scale) / 2 + state.x, top: (state.size[1] - height * scale) / 2 + state.y};
    }

    function draw() {
      const p = placed();
      for (const pane of Object.values(panes)) {
        pane.plane.style.transform = 'translate(' + p.left + 'px,' + p.top + 'px) scale(' + p.scale + ')';
        pane.plane.classList.toggle('cv-pixels', p.scale > 2);
      }
      const both = state.left !== state.right;
      panes.left.node.style.clipPath = both ? 'inset(0 ' + (100 - state.split) + '% 0 0)' : 'none';
      divider.hidden = !both;
      divider.style.left = state.split + '%';
      tags.left.hidden = both && state.split < 12;
      tags.right.hidden = !both || state.split > 88;
      view.classList.toggle('cv-zoomed', state.zoom > 1);
      if (frame.metres) {
        const length = roundLength(Math.min(120, state.size[0] / 3) * frame.metres / p.scale);
        bar.style.width = length * p.scale / frame.metres + 'px';
        barText.textContent = length >= 1000 ? length / 1000 + '\u202fkm' : length + '\u202fm';
      }
    }

    function setView(zoom, x, y) {
      state.zoom = clamp(zoom, 1, LARGEST_ZOOM);
      const room = (length, size) => Math.max(0, (length * state.fit * state.zoom - size) / 2);
      state.x = clamp(x, -room(width, state.size[0]), room(width, state.size[0]));
      state.y = clamp(y, -room(height, state.size[1]), room(height, state.size[1]));
      draw();
    }

    /* The point (x, y) of the view stays where it is. */
    function zoomAt(factor, x, y) {
      const zoom = clamp(state.zoom * factor, 1, LARGEST_ZOOM), ratio = zoom / state.zoom;
      const dx = x - state.size[0] / 2, dy = y - state.size[1] / 2;
      setView(zoom, dx - (dx - state.x) * ratio, dy - (dy - state.y) * ratio);
    }

    const zoomBy = (factor) => zoomAt(factor, state.size[0] / 2, state.size[1] / 2);

    function tell(x, y) {
      const p = placed(), i = (x - p.left) / p.scale, j = (y - p.top) / p.scale;
      const inside = i >= 0 && j >= 0 && i < width && j < height;
      where.textContent = inside ? frame.at(i, j) + (series.crs ? '  ' + series.crs : '') : '';
      where.hidden = !inside;
    }

    /* The view has the picture's shape, so that the slider runs from edge to edge; very long ones get margins. */
    function resize() {
      const room = node.parentNode ? node.parentNode.clientWidth : 0;
      if (!room) return;
      const tallest = Math.max(240, Math.min(0.78 * window.innerHeight, 1000));
      let w = room, h = w * height / width;
      if (h > tallest) {
        h = tallest;
        w = Math.max(h * width / height, Math.min(room, 280));
      }
      h = Math.max(h, 180);
      node.style.width = w + 'px';
      resized(w);
      view.style.height = h + 'px';
      state.size = [w, h];
      state.fit = Math.min(w / width, h / height);
      setView(state.zoom, state.x, state.y);
    }

    /* ---- Pointers: one moves the slider or the picture, two zoom ---- */

    const pointers = new Map();
    let sliding = false, pinch = 0;

    const local = (event) => {
      const box = view.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };

    view.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      const at = local(event);
      pointers.set(event.pointerId, at);
      view.setPointerCapture(event.pointerId);
      const near = Math.abs(at[0] - state.split / 100 * state.size[0]) < 24;
      sliding = pointers.size === 1 && state.left !== state.right && (near || state.zoom === 1);
      if (sliding) setSplit(100 * at[0] / state.size[0]);
      pinch = 0;
    });
    view.addEventListener('pointermove', (event) => {
      const at = local(event), last = pointers.get(event.pointerId);
      tell(at[0], at[1]);
      if (!last) return;
      if (pointers.size === 2) {
        pointers.set(event.pointerId, at);
        const [a, b] = [...pointers.values()];
        const distance = Math.hypot(a[0] - b[0], a[1] - b[1]);
        if (pinch) zoomAt(distance / pinch, (a[0] + b[0]) / 2, (a[1] + b[1]) / 2);
        pinch = distance;
      } else if (sliding) {
        setSplit(100 * at[0] / state.size[0]);
      } else {
        setView(state.zoom, state.x + at[0] - last[0], state.y + at[1] - last[1]);
      }
      pointers.set(event.pointerId, at);
    });
    const lift = (event) => {
      pointers.delete(event.pointerId);
      pinch = 0;
      sliding = false;
    };
    view.addEventListener('pointerup', lift);
    view.addEventListener('pointercancel', lift);
    view.addEventListener('pointerleave', () => {
      where.hidden = true;
    });
    view.addEventListener('dblclick', (event) => {
      const at = local(event);
      zoomAt(state.zoom > 8 ? 1 / state.zoom : 2, at[0], at[1]);
    });
    /* A wheel alone scrolls the page, unless somebody is at work in the picture. */
    view.addEventListener('wheel', (event) => {
      if (!event.ctrlKey && !event.metaKey && document.activeElement !== view) return;
      event.preventDefault();
      const at = local(event);
      zoomAt(Math.exp(-clamp(event.deltaY, -120, 120) / 240), at[0], at[1]);
    }, {passive: false});
    view.addEventListener('keydown', (event) => {
      const step = 60;
      const moves = {ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step]};
      if (event.key === '+' || event.key === '=') zoomBy(1.6);
      else if (event.key === '-') zoomBy(1 / 1.6);
      else if (event.key === '0') setView(1, 0, 0);
      else if (event.shiftKey && moves[event.key]) setView(state.zoom, state.x + moves[event.key][0], state.y + moves[event.key][1]);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });

    function setSplit(split) {
      state.split = clamp(split, 0, 100);
      draw();
      changed(state);
    }

    const names = {input: 'Before', clear: 'After'};

    function showLayers() {
      for (const [side, pane] of Object.entries(panes)) {
        for (const layer of LAYERS) {
          const overlay = layer === 'mask' || layer === 'quality';
          pane.images[layer].hidden = overlay ? layer !== state.overlay : layer !== state[side];
          if (overlay) pane.images[layer].style.opacity = state.opacity;
        }
        tags[side].textContent = names[state[side]];
      }
      draw();
    }

    /* Pictures of one date; what is not shown is not loaded. */
    let date = null;
    function load() {
      for (const pane of Object.values(panes))
        for (const layer of LAYERS) {
          const source = date && date.images ? reference(base, date.images[layer]) : null;
          const image = pane.images[layer];
          if (!image.hidden && source && image.getAttribute('src') !== source) image.setAttribute('src', source);
        }
    }

    if (frame.north !== null) needle.style.transform = 'rotate(' + frame.north + 'rad)';
    where.hidden = true;
    return {
      node,
      resize,
      setSplit,
      show(next, label) {
        date = next;
        view.setAttribute('aria-label', label);
        load();
      },
      set(change) {
        Object.assign(state, change);
        showLayers();
        load();
      },
    };
  }

  /* ---- Controls beside the stage --------------------------------------------------------------------- */

  let serial = 0; /* several viewers in one page have names of their own */

  function makeControls(series, stage) {
    const id = 'cv' + ++serial;
    const slider = el('input', {type: 'range', id: id + 'split', class: 'cv-range', min: '0', max: '100', step: '1', value: '50'});
    const sliderRow = el('div', {class: 'cv-split'}, slider,
                         el('label', {for: id + 'split', class: 'cv-ends'}, el('span', {text: 'All after'}),
                            el('span', {class: 'cv-middle', text: 'Slide between before and after'}), el('span', {text: 'All before'})));
    const sayValue = () =>
      slider.setAttribute('aria-valuetext', slider.value + ' percent before, ' + (100 - slider.value) + ' percent after');
    slider.addEventListener('input', () => {
      stage.setSplit(Number(slider.value));
      sayValue();
    });
    sayValue();

    const views = {compare: ['Compare', 'input', 'clear'], input: ['Before', 'input', 'input'], clear: ['After', 'clear', 'clear']};
    const choice = el('fieldset', {class: 'cv-choice'}, el('legend', {text: 'Picture'}));
    for (const [name, [label, left, right]] of Object.entries(views)) {
      const radio = el('input', {type: 'radio', name: id + 'view', id: id + name, value: name, checked: name === 'compare'});
      radio.addEventListener('change', () => {
        stage.set({left, right});
        slider.disabled = name !== 'compare';
        sliderRow.classList.toggle('cv-off', slider.disabled);
      });
      choice.append(radio, el('label', {for: id + name, text: label}));
    }

    const legends = {};
    const opacity = el('input', {type: 'range', id: id + 'opacity', class: 'cv-range', min: '10', max: '100', step: '5', value: '60'});
    const opacityRow = el('div', {class: 'cv-opacity'}, el('label', {for: id + 'opacity', text: 'Opacity'}), opacity);
    opacity.addEventListener('input', () => stage.set({opacity: opacity.value / 100}));
    opacity.disabled = opacityRow.hidden = true;
    const over = el('fieldset', {class: 'cv-over'}, el('legend', {text: 'Overlay'}));
    for (const [layer, label] of [['none', 'Nothing'], ['mask', 'Cloud mask'], ['quality', 'Quality']]) {
      const radio = el('input', {type: 'radio', name: id + 'over', id: id + layer, value: layer, checked: layer === 'none'});
      radio.addEventListener('change', () => {
        for (const [other, legend] of Object.entries(legends)) legend.hidden = other !== layer;
        opacity.disabled = layer === 'none';
        opacityRow.hidden = opacity.disabled;
        stage.set({overlay: layer});
      });
      over.append(el('div', {class: 'cv-check'}, radio, el('label', {for: id + layer, text: label})));
      if (layer === 'none') continue;
      legends[layer] = el('ul', {class: 'cv-legend', hidden: true, 'aria-label': 'Colours of ' + label.toLowerCase()});
      for (const entry of (series.legend && series.legend[layer]) || []) {
        const patch = el('span', {class: 'cv-patch'});
        patch.style.background = /^#[0-9a-f]{6}$/i.test(entry.color) ? entry.color : 'transparent';
        legends[layer].append(el('li', {}, patch, el('span', {text: entry.text})));
      }
      over.append(legends[layer]);
    }
    over.append(opacityRow);
    return {slider, sliderRow, choice, over, follow(split) {
      slider.value = Math.round(split);
      sayValue();
    }};
  }

  /* ---- Figures of a date, figures of all ------------------------------------------------------------- */

  const figures = [
    ['cloud', 'Cloud', 'found in the picture'],
    ['shadow', 'Shadow', 'of clouds, found in the picture'],
    ['missing', 'No data', 'in the picture'],
    ['filled', 'Filled', 'of the result'],
    ['never', 'Never observed', 'filled, shown by no date'],
  ];

  function download(base, file, label) {
    const href = file ? reference(base, file.href) : null;
    if (!href) return null;
    return el('a', {class: 'cv-button cv-download', href, download: file.name || true}, icon('down'),
              el('span', {}, el('b', {text: label}), el('span', {text: file.name + (file.bytes ? ', ' + bytes(file.bytes) : '')})));
  }

  function fillFacts(node, base, date, stacked) {
    const list = el('dl', {class: 'cv-facts'});
    for (const [key, label, meaning] of figures)
      list.append(el('div', {}, el('dt', {text: label, title: meaning}), el('dd', {text: percent(date[key])})));
    const files = el('div', {class: 'cv-files'});
    files.append(download(base, date.output, stacked ? 'All dates, one raster' : 'Clear raster') || '');
    for (const file of date.extra || [])
      files.append(download(base, file, {mask: 'Cloud mask', quality: 'Quality'}[file.what] || file.what) || '');
    node.replaceChildren(el('p', {class: 'cv-source', text: date.source || date.stem || ''}), list, files);
  }

  function makeTable(series, base, stacked) {
    const head = el('tr', {}, el('th', {scope: 'col', text: 'Date'}));
    for (const [, label, meaning] of figures)
      head.append(el('th', {scope: 'col', class: 'cv-figure', title: meaning, text: label}));
    head.append(el('th', {scope: 'col', text: 'Input'}), el('th', {scope: 'col', text: 'Raster'}));
    const body = el('tbody');
    for (const date of series.dates) {
      const row = el('tr', {}, el('th', {scope: 'row', text: date.date}));
      for (const [key] of figures) row.append(el('td', {class: 'cv-figure', text: percent(date[key])}));
      const href = date.output ? reference(base, date.output.href) : null;
      row.append(el('td', {class: 'cv-name', text: date.source || date.stem || ''}));
      row.append(el('td', {class: 'cv-name'}, href ? el('a', {href, download: date.output.name || true, text: date.output.name}) : '–'));
      body.append(row);
    }
    const caption = 'Cloud, shadow and no data: shares of the picture that were found. Filled: share of the result that is predicted. ' +
      'Never observed: the part of it that no date shows.' + (stacked ? ' All dates are in one raster.' : '');
    return el('section', {class: 'cv-section', 'aria-labelledby': 'cv-figures'}, el('h2', {id: 'cv-figures', text: 'Figures'}),
              el('p', {class: 'cv-words', text: caption}),
              el('div', {class: 'cv-scroll', tabindex: '0', role: 'region', 'aria-label': 'Figures by date'},
                 el('table', {class: 'cv-table cv-wide'}, el('caption', {class: 'cv-hidden', text: 'Figures by date'}),
                    el('thead', {}, head), body)));
  }

  function makeSettings(series) {
    const body = el('tbody');
    for (const setting of series.settings || [])
      body.append(el('tr', {}, el('th', {scope: 'row', text: setting.name}), el('td', {class: 'cv-name', text: setting.value})));
    return el('details', {class: 'cv-section cv-details'}, el('summary', {text: 'How it was made'}),
              el('table', {class: 'cv-table'}, el('caption', {class: 'cv-hidden', text: 'Settings of the run'}), body));
  }

  /* What does not suit is said openly; what does, on request. */
  function makeGuidance(series) {
    const all = Array.isArray(series.guidance) ? series.guidance : [];
    const line = (check) =>
      el('li', {class: 'cv-check-' + (check.state === 'warning' ? 'warning' : check.state === 'note' ? 'note' : 'ok')},
         el('span', {class: 'cv-state', text: {warning: 'Warning', note: 'Note'}[check.state] || 'OK'}),
         el('span', {}, check.text + (/[.!?]$/.test(check.text) ? '' : '.'), check.advice ? el('span', {class: 'cv-advice', text: ' ' + check.advice}) : null));
    const open = all.filter((check) => check.state !== 'ok'), fine = all.filter((check) => check.state === 'ok');
    if (!all.length) return null;
    const section = el('section', {class: 'cv-guidance', 'aria-label': 'Is the series suitable?'});
    if (open.length) section.append(el('ul', {}, ...open.map(line)));
    if (fine.length)
      section.append(el('details', {}, el('summary', {text: open.length ? 'What is suitable' : 'The series is suitable'}), el('ul', {}, ...fine.map(line))));
    return section;
  }

  /* ---- The time strip ------------------------------------------------------------------------------- */

  function makeStrip(series, base, choose) {
    const list = el('ol', {class: 'cv-strip'});
    const buttons = series.dates.map((date, index) => {
      const cloud = el('span', {class: 'cv-part cv-part-cloud'}), shadow = el('span', {class: 'cv-part cv-part-shadow'});
      const missing = el('span', {class: 'cv-part cv-part-missing'});
      cloud.style.width = 100 * (date.cloud || 0) + '%';
      shadow.style.width = 100 * (date.shadow || 0) + '%';
      missing.style.width = 100 * (date.missing || 0) + '%';
      const button = el('button', {
        type: 'button', class: 'cv-date', tabindex: '-1',
        'aria-label': date.date + ', cloud ' + percent(date.cloud) + ', filled ' + percent(date.filled),
        onclick: () => choose(index),
      }, el('img', {src: reference(base, date.images && date.images.thumb), alt: '', loading: 'lazy', draggable: 'false',
                    width: series.picture.width, height: series.picture.height}),
                        el('span', {class: 'cv-shares', 'aria-hidden': 'true'}, cloud, shadow, missing),
                        el('span', {class: 'cv-day', text: date.date}),
                        el('span', {class: 'cv-cloud', text: 'cloud ' + percent(date.cloud)}));
      list.append(el('li', {}, button));
      return button;
    });
    return {
      list,
      mark(index, focus, first) {
        buttons.forEach((button, i) => {
          button.setAttribute('aria-current', i === index ? 'true' : 'false');
          button.tabIndex = i === index ? 0 : -1;
        });
        const button = buttons[index];
        if (focus && list.contains(document.activeElement)) button.focus({preventScroll: true});
        /* Not scrollIntoView(): it would move the page as well. */
        const box = button.getBoundingClientRect(), room = list.getBoundingClientRect();
        if (box.left < room.left + 24 || box.right > room.right - 24)
          list.scrollTo({left: list.scrollLeft + box.left - room.left - (room.width - box.width) / 2, behavior: first || calm() ? 'auto' : 'smooth'});
      },
    };
  }

  /* ---- All of it ------------------------------------------------------------------------------------ */

  function describe(series) {
    const first = series.dates[0].date, last = series.dates[series.dates.length - 1].date;
    const parts = [series.dates.length + (series.dates.length === 1 ? ' date' : ' dates'), first === last ? first : first + ' to ' + last];
    const grid = series.grid || {}, scale = (series.picture && series.picture.scale) || 1;
    if (isNumber(grid.pixel_m) && grid.pixel_m > 0) {
      const shown = grid.pixel_m * scale, round = (value) => Number(value.toPrecision(3));
      parts.push('processed at ' + round(grid.pixel_m) + '\u202fm' + (Math.abs(scale - 1) > 1e-6 ? ', shown at ' + round(shown) + '\u202fm a pixel' : ' a pixel'));
    } else {
      parts.push('not georeferenced');
    }
    if (series.crs) parts.push(series.crs);
    return parts;
  }

  /* The date that shows most: half clouded rather than clear, or clouded all over. */
  function firstDate(dates) {
    let best = 0, most = -1;
    dates.forEach((date, i) => {
      const cloud = (date.cloud || 0) + (date.shadow || 0);
      if (cloud <= 0.8 && cloud > most) {
        best = i;
        most = cloud;
      }
    });
    return best;
  }

  function mount(root, series, base) {
    base = base || '';
    if (!series || !Array.isArray(series.dates) || !series.dates.length || !series.picture) {
      root.replaceChildren(el('p', {class: 'cv-note', role: 'alert', text: 'There is nothing to show: the series has no dates.'}));
      return {destroy() {}};
    }
    const dates = series.dates;
    const stacked = dates.length > 1 && dates.every((date) => date.output && date.output.href === dates[0].output.href);
    let index = 0, timer = 0, controls = null;

    const stage = makeStage(series, base, (state) => controls.follow(state.split), (width) => {
      controls.sliderRow.style.width = width + 'px';
    });
    controls = makeControls(series, stage);
    const strip = makeStrip(series, base, (next) => { stop(); show(next); });
    const title = el('h2', {class: 'cv-current', id: 'cv-current'});
    const facts = el('div', {class: 'cv-about'});
    const live = el('p', {class: 'cv-hidden', 'aria-live': 'polite'});
    const playIcon = el('span', {class: 'cv-swap'}), playLabel = el('span');
    const play = el('button', {class: 'cv-button', type: 'button', onclick: () => (timer ? stop() : start())}, playIcon, playLabel);
    const step = (name, label, by) =>
      el('button', {class: 'cv-button cv-square', type: 'button', 'aria-label': label, title: label,
                    onclick: () => { stop(); show(index + by); }}, icon(name));

    function show(next, focus, first) {
      index = (next + dates.length) % dates.length;
      const date = dates[index];
      stage.show(date, 'Pictures of ' + date.date + ': before on the left, after on the right of the slider; cloud ' +
                 percent(date.cloud) + ', filled ' + percent(date.filled));
      title.textContent = date.date;
      fillFacts(facts, base, date, stacked);
      strip.mark(index, focus, first);
      live.textContent = timer ? '' : 'Date ' + (index + 1) + ' of ' + dates.length + ': ' + date.date + ', cloud ' + percent(date.cloud);
    }

    function sayPlay() {
      playIcon.replaceChildren(icon(timer ? 'pause' : 'play'));
      playLabel.textContent = timer ? 'Pause' : 'Play';
    }
    function start() {
      /* Who asked for less motion gets time to look at each picture. */
      timer = window.setInterval(() => show(index + 1), calm() ? 3000 : 1100);
      sayPlay();
    }
    function stop() {
      if (timer) window.clearInterval(timer);
      timer = 0;
      sayPlay();
    }

    function onKey(event) {
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.target.closest && event.target.closest('input, select, textarea, [contenteditable], .cv-scroll')) return;
      if (!root.isConnected || root.closest('[hidden]')) return;
      if (event.key === 'ArrowLeft') { stop(); show(index - 1, true); }
      else if (event.key === 'ArrowRight') { stop(); show(index + 1, true); }
      else if (event.key === 'Home' && strip.list.contains(event.target)) { stop(); show(0, true); }
      else if (event.key === 'End' && strip.list.contains(event.target)) { stop(); show(dates.length - 1, true); }
      else return;
      event.preventDefault();
    }

    const head = el('header', {class: 'cv-head'},
                    el('div', {}, el('p', {class: 'cv-brand', text: 'Clear Vision'}), el('h1', {text: series.title || 'A series without clouds'}),
                       el('p', {class: 'cv-sub'}, ...describe(series).map((part) => el('span', {text: part})))),
                    themeButton());
    const holder = el('div', {class: 'cv-holder'}, stage.node, controls.sliderRow);
    const time = el('section', {class: 'cv-time', 'aria-label': 'Dates'},
                    el('div', {class: 'cv-turn'}, step('previous', 'Date before', -1), play, step('next', 'Date after', 1),
                       el('span', {class: 'cv-hint', text: 'or the arrow keys'})), strip.list);
    const look = el('section', {class: 'cv-look', 'aria-labelledby': 'cv-current'}, holder, time,
                    el('div', {class: 'cv-side cv-card'}, title, controls.choice, controls.over, facts));
    root.replaceChildren(head, el('main', {class: 'cv-main'}, makeGuidance(series), look, live,
                                  makeTable(series, base, stacked), makeSettings(series)),
                         el('footer', {class: 'cv-foot', text: 'Made by clearvision ' + (series.version || '') +
                                       '. Filled pixels are a prediction: the quality layer shows where they are, and how near in time the ground was observed.'}));
    stage.set({});
    stage.resize();
    sayPlay();
    show(firstDate(dates), false, true);
    const watch = new ResizeObserver(() => stage.resize());
    watch.observe(holder);
    window.addEventListener('resize', stage.resize);
    document.addEventListener('keydown', onKey);
    return {
      destroy() {
        stop();
        watch.disconnect();
        window.removeEventListener('resize', stage.resize);
        document.removeEventListener('keydown', onKey);
        root.replaceChildren();
      },
    };
  }

  setTheme(themes.includes(rememberedTheme()) ? rememberedTheme() : 'auto');
  window.clearvisionViewer = {mount, themeButton, el};
  const root = document.getElementById('viewer');
  if (root && window.clearvisionSeries) {
    if (window.clearvisionSeries.title) document.title = window.clearvisionSeries.title + ' – Clear Vision';
    mount(root, window.clearvisionSeries, '');
  } else if (root) {
    root.replaceChildren(el('p', {class: 'cv-note', role: 'alert', text: 'The file series.js beside this page is missing or damaged: there is nothing to show.'}));
  }
})();
