// SPDX-License-Identifier: Apache-2.0
// Tables that are sorted and filtered; of long ones a page of rows is in the document.

const inOrder = new Intl.Collator('en', {numeric: true}).compare;

// A column: {key, label, unit, title, value(row), show(value, row), text: true for words, href(row), wrap}; rank(row), a number, for
// words that are in order of it.
// `options`: caption, columns, rows, rowId(row), pageSize, filter: false, sort: {key, down}.
function makeTable(options) {
  const {columns, rows, pageSize = 100} = options;
  const state = {shown: rows, filtered: rows, page: 0, sort: options.sort || null, marked: null};
  const status = element('span', {class: 'status', role: 'status'});
  const body = element('tbody');
  const headers = columns.map((column) => headerOf(column));
  const table = element('table', {}, element('caption', {}, options.caption),
      element('thead', {}, element('tr', {}, ...headers)), body);
  const pager = makePager();
  const input = element('input', {type: 'search', placeholder: 'words, or column<number', input: () => filter()});

  function headerOf(column) {
    const unit = column.unit ? element('span', {class: 'unit'}, column.unit) : null;
    const sortable = element('button', {type: 'button', click: () => sortBy(column), title: column.title || false}, column.label);
    return element('th', {scope: 'col', class: column.text ? false : 'number', 'data-key': column.key}, sortable, unit);
  }

  function makePager() {
    const turn = (by) => () => {
      state.page += by;
      draw();
    };
    const back = element('button', {type: 'button', click: turn(-1)}, 'Previous');
    const next = element('button', {type: 'button', click: turn(1)}, 'Next');
    return {back, next, node: element('div', {class: 'controls pager'}, back, next)};
  }

  function sortBy(column) {
    // Numbers begin with the largest, words with the first.
    const down = state.sort && state.sort.key === column.key ? !state.sort.down : !column.text;
    state.sort = {key: column.key, down};
    arrange();
  }

  function sorted(list) {
    if (!state.sort) return list;
    const column = columns.find((one) => one.key === state.sort.key);
    const sign = state.sort.down ? -1 : 1;
    const absent = (value) => value === null || value === undefined || value === '';
    const there = list.filter((row) => !absent(column.value(row)));
    const key = column.rank || column.value;
    const order = column.rank || !column.text ? (a, b) => key(a) - key(b) : (a, b) => inOrder(String(key(a)), String(key(b)));
    there.sort((a, b) => sign * order(a, b));
    return there.length === list.length ? there : there.concat(list.filter((row) => absent(column.value(row))));
  }

  function filter() {
    const test = filterOf(input.value, columns);
    state.filtered = test ? rows.filter(test) : rows;
    arrange();
    if (options.changed) options.changed(state.filtered);
  }

  function arrange() {
    state.shown = sorted(state.filtered);
    state.page = 0;
    draw();
  }

  function cellOf(column, row) {
    const value = column.value(row);
    const text = column.show ? column.show(value, row) : column.text ? format.text(value) : format.number(value);
    const content = column.href ? element('a', {href: column.href(row)}, text) : text;
    if (column === columns[0]) return element('th', {scope: 'row', class: column.text ? false : 'number'}, content);
    return element('td', {class: column.text ? (column.wrap ? 'wrap' : false) : 'number'}, content);
  }

  function draw() {
    const pages = Math.max(1, Math.ceil(state.shown.length / pageSize));
    state.page = Math.min(Math.max(0, state.page), pages - 1);
    const first = state.page * pageSize;
    const part = state.shown.slice(first, first + pageSize);
    body.replaceChildren(...part.map((row) => element('tr', {
      id: options.rowId ? options.rowId(row) : false,
      class: row === state.marked ? 'marked' : false,
    }, ...columns.map((column) => cellOf(column, row)))));
    for (const header of headers) {
      const active = state.sort && header.dataset.key === state.sort.key;
      header.setAttribute('aria-sort', !active ? 'none' : state.sort.down ? 'descending' : 'ascending');
      header.querySelector('button').dataset.arrow = !active ? '' : state.sort.down ? ' ▼' : ' ▲';
    }
    const some = state.shown.length === rows.length ? `${rows.length} rows` : `${state.shown.length} of ${rows.length} rows`;
    status.textContent = pages > 1 ? `${some}, ${first + 1} to ${first + part.length} shown` : some;
    pager.node.hidden = pages === 1;
    pager.back.disabled = state.page === 0;
    pager.next.disabled = state.page === pages - 1;
  }

  // Turns to the page of `row`, marks it, and brings it into view.
  function reveal(row) {
    if (!state.shown.includes(row)) {
      input.value = '';
      filter();
    }
    state.marked = row;
    state.page = Math.floor(state.shown.indexOf(row) / pageSize);
    draw();
    body.querySelector('.marked').scrollIntoView({block: 'center'});
  }

  const search = options.filter === false ? element('div', {class: 'controls'}, status) :
      element('div', {class: 'controls'}, element('label', {}, 'Filter', input), status);
  // A region that scrolls is reached by keyboard.
  const scroll = element('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': options.caption}, table);
  arrange();
  return {node: element('div', {class: 'table'}, search, scroll, pager.node), reveal, shown: () => state.shown};
}

// A row passes that has every word in one of its texts and keeps every comparison, "cycles<1000" or "batch=8"; null for no
// condition. Names are keys or labels; blanks in them are written as "_".
function filterOf(query, columns) {
  const names = new Map();
  for (const column of columns)
    for (const name of [column.label, column.key]) names.set(name.toLowerCase().replace(/\s+/g, '_'), column);
  const compare = {
    '<': (a, b) => a < b, '<=': (a, b) => a <= b, '>': (a, b) => a > b, '>=': (a, b) => a >= b, '=': (a, b) => a === b,
    '!=': (a, b) => a !== b,
  };
  const conditions = query.trim().split(/\s+/).filter(Boolean).map((word) => {
    const found = /^([^<>=!]+)(<=|>=|!=|<|>|=)(.+)$/.exec(word);
    const column = found && names.get(found[1].toLowerCase());
    if (column) {
      const number = Number(found[3].replace(/,/g, ''));
      return (row) => {
        const value = column.value(row);
        if (typeof value === 'number') return compare[found[2]](value, number);
        return compare[found[2]](String(value ?? '').toLowerCase(), found[3].toLowerCase());
      };
    }
    const wanted = word.toLowerCase();
    const known = new Map();  // texts that were looked at
    const has = (text) => {
      if (!known.has(text)) known.set(text, String(text ?? '').toLowerCase().includes(wanted));
      return known.get(text);
    };
    return (row) => columns.some((one) => one.text && has(one.value(row)));
  });
  return conditions.length === 0 ? null : (row) => conditions.every((condition) => condition(row));
}
