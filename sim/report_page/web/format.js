// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them. Every table and chart shows figures by these.
'use strict';

const format = (() => {
  const whole = new Intl.NumberFormat('en-US', {maximumFractionDigits: 0});
  const missing = '–';
  const is = (value) => typeof value === 'number' && Number.isFinite(value);

  // Four significant digits, no trailing zeros, commas from 10,000 on.
  function number(value) {
    if (!is(value)) return missing;
    if (Number.isInteger(value) || Math.abs(value) >= 1e4) return whole.format(value);
    return String(Number(value.toPrecision(4)));
  }

  function bytes(value) {
    if (!is(value)) return missing;
    let unit = 0;
    while (Math.abs(value) >= 1024 && unit < 4) {
      value /= 1024;
      ++unit;
    }
    return (unit === 0 ? whole.format(value) : value.toFixed(1)) + ' ' + ['B', 'KiB', 'MiB', 'GiB', 'TiB'][unit];
  }

  return {
    number,
    bytes,
    missing,
    cycles: (value) => is(value) ? whole.format(value) : missing,
    percent: (value) => is(value) ? (100 * value).toFixed(1) + ' %' : missing,
    times: (value) => is(value) ? value.toFixed(2) : missing,
    text: (value) => value === null || value === undefined || value === '' ? missing : String(value),
    signed: (value) => is(value) ? (value > 0 ? '+' : value < 0 ? '−' : '') + number(Math.abs(value)) : missing,
  };
})();
