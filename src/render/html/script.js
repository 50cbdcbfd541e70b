'use strict';
// Builds what is opened from the page's data: with textContent, or by a parser that runs nothing. All markup in the data
// was made by the same templates as the page.
(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const data = id => { const it = document.getElementById(id); return it ? JSON.parse(it.textContent) : null; };
  const make = (name, options = {}, ...children) => {
    const { text, ...attributes } = options;
    const it = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) it.setAttribute(key, value);
    if (text !== undefined) it.textContent = text;
    it.append(...children);
    return it;
  };

  const texts = data('texts') || [];
  const place = $('#connection');
  let shown = place.dataset.number;
  let opened = new Map();
  const load = () => {
    const it = shown === undefined ? null : data('d' + shown);
    opened = new Map(it ? it.messages.map(message => [String(message.id), message]) : []);
  };

  // ---- Fields beside bytes ----

  const [DEPTH, START, END, NAME, VALUE, TEXT, PROBLEM] = [0, 1, 2, 3, 4, 5, 6];
  const narrow = matchMedia('(max-width: 46rem)');
  let last = 0;

  // The innermost field of each byte: fields come in message order, those within one behind it.
  const leaves = (fields, length) => {
    const owner = new Array(length).fill(-1);
    fields.forEach((field, index) => owner.fill(index, field[START], Math.min(field[END], length)));
    return owner;
  };

  // The field that this one is a part of; -1 if none is.
  const above = (fields, index) => {
    let at = index - 1;
    while (at >= 0 && fields[at][DEPTH] >= fields[index][DEPTH]) at--;
    return at;
  };

  const view = it => {
    const id = 'v' + ++last;
    const length = it.bytes.length / 2;
    const byte = at => it.bytes.slice(2 * at, 2 * at + 2);
    const owner = leaves(it.fields, length);
    const title = it.what ? it.what + ': ' + it.name : it.name;
    const explain = make('p', { class: 'explain', role: 'status', 'aria-live': 'polite' });
    const list = make('div', { class: 'fields', role: 'listbox', tabindex: '0', 'aria-label': 'Fields of ' + title });
    const hex = make('div', { class: 'hex', role: 'listbox', tabindex: '0', 'aria-label': 'Bytes of ' + title });

    const rows = it.fields.map((field, index) => {
      const row = make('div', { class: 'field', role: 'option', id: id + 'f' + index, 'data-field': index, 'aria-selected': 'false' });
      row.style.paddingLeft = 0.5 + 0.9 * Math.min(field[DEPTH], 12) + 'rem';
      row.append(make('b', { text: field[NAME] }));
      if (field[VALUE]) row.append('  ', make('span', { class: 'value', text: field[VALUE] }));
      if (field[PROBLEM]) row.append('  ', make('span', { class: 'problem', text: 'malformed: ' + field[PROBLEM] }));
      list.append(row);
      return row;
    });

    // Runs of bytes that lie in one field, cut at the ends of lines.
    const width = narrow.matches ? 8 : 16;
    const runs = [];
    for (let from = 0; from < length; from += width) {
      const to = Math.min(from + width, length);
      const line = make('div', { role: 'presentation' });
      line.append(make('span', { class: 'offset', 'aria-hidden': 'true', text: from.toString(16).padStart(4, '0') + '  ' }));
      const ascii = make('span', { class: 'ascii', 'aria-hidden': 'true' });
      for (let start = from; start < to;) {
        let end = start + 1;
        while (end < to && owner[end] === owner[start]) end++;
        const bytes = Array.from({ length: end - start }, (_, i) => byte(start + i));
        const field = owner[start];
        const first = start === 0 || owner[start - 1] !== field;
        const run = make('i', { 'data-field': field, 'data-start': start, 'data-end': end, text: bytes.join(' ') });
        if (first && field >= 0) {
          run.setAttribute('role', 'option');
          run.setAttribute('aria-selected', 'false');
          run.setAttribute('aria-label', it.fields[field][NAME] + ': ' + bytes.join(' '));
          run.id = id + 'b' + field;
        } else run.setAttribute('aria-hidden', 'true');
        const characters = bytes.map(pair => { const code = parseInt(pair, 16); return code > 31 && code < 127 ? String.fromCharCode(code) : '·'; });
        const twin = make('i', { 'data-field': field, 'data-start': start, 'data-end': end, text: characters.join('') });
        line.append(run, end < to ? ' ' : '');
        ascii.append(twin);
        runs.push(run, twin);
        start = end;
      }
      line.append(' '.repeat(3 * (width - (to - from)) + 2), ascii);
      hex.append(line);
    }
    if (it.more_bytes) hex.append(make('div', { role: 'presentation', text: it.more_bytes + ' more bytes are not in this page' }));
    if (it.more_fields) list.append(make('div', { role: 'presentation', text: it.more_fields + ' more fields are not in this page' }));

    let lit = -1;
    const light = (index, from) => {
      if (index < 0 || index >= rows.length) return;
      const field = it.fields[index];
      lit = index;
      rows.forEach((row, at) => {
        row.classList.toggle('lit', at === index);
        row.setAttribute('aria-selected', at === index);
      });
      for (const run of runs) {
        const within = run.dataset.start >= field[START] && run.dataset.end <= field[END];
        run.classList.toggle('lit', within);
        if (run.hasAttribute('role')) run.setAttribute('aria-selected', within);
      }
      const parts = [make('b', { text: field[NAME] })];
      const size = field[END] - field[START];
      parts.push(' · ' + (size === 1 ? 'byte ' + field[START] : size === 0 ? 'no bytes, at ' + field[START] : 'bytes ' + field[START] + ' to ' + (field[END] - 1)));
      if (field[VALUE]) parts.push(' · ' + field[VALUE]);
      if (field[PROBLEM]) parts.push(' · malformed: ' + field[PROBLEM]);
      // Of a part without an explanation of its own, that of what it is a part of.
      let told = index;
      while (told >= 0 && it.fields[told][TEXT] == null) told = above(it.fields, told);
      if (told >= 0 && told !== index) parts.push(make('br'), make('span', { class: 'quiet', text: 'in ' + it.fields[told][NAME] + ': ' }), texts[it.fields[told][TEXT]]);
      else if (told >= 0) parts.push(make('br'), texts[field[TEXT]]);
      explain.replaceChildren(...parts);
      list.setAttribute('aria-activedescendant', rows[index].id);
      const run = runs.find(run => run.dataset.start >= field[START] && run.dataset.end <= field[END]);
      const leaf = run && document.getElementById(id + 'b' + run.dataset.field);
      if (leaf) hex.setAttribute('aria-activedescendant', leaf.id);
      if (from !== list) reveal(list, rows[index]);
      if (from !== hex && run) reveal(hex, run);
    };
    // Within its own box alone: the page stays where it is.
    const reveal = (box, it) => {
      const [outer, inner] = [box.getBoundingClientRect(), it.getBoundingClientRect()];
      if (inner.top < outer.top || inner.bottom > outer.bottom) box.scrollTop += inner.top - outer.top - outer.height / 3;
    };

    for (const box of [list, hex]) {
      // Not what the keyboard scrolls under a pointer that rests.
      box.addEventListener('mousemove', event => {
        const over = (event.movementX || event.movementY) && event.target.closest('[data-field]');
        if (over && Number(over.dataset.field) !== lit) light(Number(over.dataset.field), box);
      });
      box.addEventListener('click', event => {
        const over = event.target.closest('[data-field]');
        if (over) light(Number(over.dataset.field), box);
      });
      box.addEventListener('focus', () => light(Math.max(lit, 0)));
    }
    const page = 10;
    list.addEventListener('keydown', event => {
      const to = { ArrowDown: lit + 1, ArrowUp: lit - 1, Home: 0, End: rows.length - 1, PageDown: lit + page, PageUp: lit - page }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      light(Math.min(Math.max(to, 0), rows.length - 1));
    });
    // From leaf to leaf, as the bytes come.
    const order = [...new Set(owner)].filter(index => index >= 0);
    hex.addEventListener('keydown', event => {
      const start = it.fields[lit] ? it.fields[lit][START] : 0;
      const leaf = order.indexOf(lit) >= 0 ? order.indexOf(lit) : Math.max(order.indexOf(owner[start]), 0);
      const to = { ArrowRight: leaf + 1, ArrowDown: leaf + 1, ArrowLeft: leaf - 1, ArrowUp: leaf - 1, Home: 0, End: order.length - 1, PageDown: leaf + page, PageUp: leaf - page }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      light(order[Math.min(Math.max(to, 0), order.length - 1)]);
    });

    const pair = make('div', { class: 'pair' }, list, hex, explain);
    if (!rows.length) { list.remove(); pair.classList.add('alone'); }
    explain.textContent = 'Point at a field or at bytes, or move with the arrow keys.';
    return make('div', { class: 'view' }, ...(it.what ? [make('h4', { text: title })] : []), pair);
  };

  const fill = details => {
    const box = $('.bytes', details);
    const message = opened.get(details.dataset.message);
    if (!box || box.childElementCount || !message) return;
    box.append(...message.views.map(view));
  };
  const prepare = () => {
    for (const details of all('details[data-message]', place)) {
      details.addEventListener('toggle', () => { if (details.open) fill(details); });
    }
    for (const button of all('.copy', place)) button.hidden = !navigator.clipboard;
  };
  const follow = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (target && target.matches('details')) {
      target.open = true;
      fill(target);
      $('summary', target).focus();
    }
  };
  addEventListener('hashchange', follow);
  // The same link once more opens it once more.
  document.addEventListener('click', event => {
    const link = event.target.closest('a');
    if (link && link.getAttribute('href') === location.hash) follow();
  });

  document.addEventListener('click', event => {
    const button = event.target.closest('button[data-do]');
    if (!button) return;
    const what = button.dataset.do;
    if (what === 'open' || what === 'close') {
      for (const details of all('details[data-message]', place)) details.open = what === 'open';
    } else if (what === 'copy') {
      navigator.clipboard.writeText($('code', button.parentElement).textContent).then(() => { button.textContent = 'copied'; });
    } else if (what === 'more') {
      rows += STEP;
      table();
    } else if (what === 'show') show(button.dataset.number);
  });

  // ---- Several connections ----

  const STEP = 100;
  let rows = STEP;
  const entries = data('entries');
  const form = $('.filter');
  const table = () => {
    const text = form.elements.text.value.trim().toLowerCase();
    const result = form.elements.result.value;
    const fits = entries.map((entry, number) => [entry, number]).filter(([entry]) =>
      (!result || (result === 'good') === (entry[4] === 0)) && (!text || entry.join(' ').toLowerCase().includes(text)));
    const lines = fits.slice(0, rows).map(([entry, number]) => {
      const [name, kind, word, headline, exit, detailed, ...values] = entry;
      const current = String(number) === shown;
      const title = detailed
        ? make('button', { type: 'button', 'data-do': 'show', 'data-number': number, text: name })
        : make('span', { text: name });
      const line = make('tr', current ? { 'aria-current': 'true' } : {},
        make('td', {}, title),
        make('td', {}, make('span', { class: 'word ' + kind, text: word }), ' ' + headline));
      line.append(...values.map(value => make('td', { text: value })));
      return line;
    });
    $('#list tbody').replaceChildren(...lines);
    $('.count').textContent = fits.length === entries.length ? '' : fits.length + ' of ' + entries.length;
    $('.next').hidden = fits.length <= rows;
  };
  const show = number => {
    const markup = number === place.dataset.number ? first : data('h' + number);
    if (markup === null) return;
    shown = number;
    load();
    const made = new DOMParser().parseFromString(markup, 'text/html');
    place.replaceChildren(...document.adoptNode(made.body).childNodes);
    prepare();
    table();
    $('h2', place).focus();
  };
  const first = entries ? place.innerHTML : null;

  load();
  prepare();
  for (const it of all('.controls')) it.hidden = opened.size === 0;
  if (entries) {
    form.hidden = false;
    form.addEventListener('input', () => { rows = STEP; table(); });
    form.addEventListener('submit', event => event.preventDefault());
    table();
  }
  follow();
})();
