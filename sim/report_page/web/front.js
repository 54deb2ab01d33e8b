// SPDX-License-Identifier: Apache-2.0
// Points by number: values of columns, fronts, and which of very many are drawn.

const mostDrawn = 5000;

// The columns of `data` with value(row) and show(value).
function pointColumns(data) {
  const shows = {bytes: format.bytes, share: format.percent, percent: (value) => typeof value === 'number' ? `${format.number(value)} %` : format.missing};
  return data.columns.map((column) => {
    const {values, words, codes} = column;
    return {
      ...column, text: words !== undefined, unit: shows[column.unit] ? '' : column.unit,
      rank: words ? ranks(words, codes) : undefined,
      value: words ? (row) => codes[row] === null ? null : words[codes[row]] : (row) => values[row],
      show: shows[column.unit],
    };
  });
}

// Words by their place in the alphabet.
function ranks(words, codes) {
  const place = [];
  words.map((_, i) => i).sort((a, b) => inOrder(words[a], words[b])).forEach((word, i) => { place[word] = i; });
  return (row) => place[codes[row]];
}

function isVaried(column, rows) {
  return rows.some((row) => column.value(row) !== column.value(rows[0]));
}

function shown(column, row) {
  const value = column.value(row);
  if (column.show) return column.show(value);
  const text = column.text ? format.text(value) : format.number(value);
  return column.unit && value !== null ? `${text} ${column.unit}` : text;
}

// Rows of `rows` that no other one beats in both columns, in the order of x.
function frontOf(rows, x, y) {
  const sign = (column) => column.wanted === 'high' ? -1 : 1;
  const sx = sign(x), sy = sign(y);
  const sorted = rows.slice().sort((a, b) => sx * (x.value(a) - x.value(b)) || sy * (y.value(a) - y.value(b)) || a - b);
  let best = Infinity;
  return sorted.filter((row) => {
    const value = sy * y.value(row);
    if (value >= best) return false;
    best = value;
    return true;
  });
}

// Of `rows` the front, the ends of both columns, and of the rest one in so many; all, where they are few.
function drawnOf(rows, front, x, y) {
  if (rows.length <= mostDrawn) return {rows, text: ''};
  const kept = new Set(front);
  for (const column of [x, y]) {
    const values = (better) => rows.reduce((a, b) => better(column.value(b), column.value(a)) ? b : a);
    kept.add(values((a, b) => a < b)).add(values((a, b) => a > b));
  }
  const step = Math.ceil(rows.length / (mostDrawn - kept.size));
  for (let i = 0; i < rows.length; i += step) kept.add(rows[i]);
  return {
    rows: [...kept],
    text: `Drawn are ${format.number(kept.size)} of ${format.number(rows.length)} points: the front, the ends of both axes, ` +
        `and of the rest one in ${step}; ${format.number(rows.length - kept.size)} are not drawn. The table has all.`,
  };
}
