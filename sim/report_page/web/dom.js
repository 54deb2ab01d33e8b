// SPDX-License-Identifier: Apache-2.0
// Elements by name, attributes and children; sections of the page with their entry in the navigation.

// element('a', {href: '#x'}, 'text', otherElement). An attribute that is a function is a listener, one that is false is left out.
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(key, value);
    else if (value !== false && value !== undefined) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function addSection(id, title, ...children) {
  document.getElementById('sections').append(element('li', {}, element('a', {href: '#' + id}, title)));
  const heading = element('h2', {id: id + '-title'}, title);
  const section = element('section', {id, 'aria-labelledby': id + '-title'}, heading, ...children);
  document.getElementById('main').append(section);
  return section;
}

// A choice among texts or {value, label}; `changed` gets the value.
function choice(label, options, value, changed) {
  const select = element('select', {change: () => changed(select.value)});
  for (const option of options) {
    const {value: one, label: text} = typeof option === 'object' ? option : {value: option, label: option};
    select.append(element('option', {value: one, selected: one === value}, text));
  }
  return element('label', {}, label, select);
}

// HTML of tooltips is made of names from files.
function escaped(text) {
  return String(text).replace(/[&<>"']/g, (one) => '&#' + one.charCodeAt(0) + ';');
}

// "<b>title</b>" above lines of name and value.
function tooltipText(title, lines) {
  return '<b>' + escaped(title) + '</b><br>' +
      lines.map(([name, value]) => escaped(name) + ': <b>' + escaped(value) + '</b>').join('<br>');
}
