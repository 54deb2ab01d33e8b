// SPDX-License-Identifier: Apache-2.0
// Draws what the block of JSON holds.
const data = JSON.parse(document.getElementById('data').textContent);
({run: drawRun, layers: drawLayers, points: drawPoints, comparison: drawComparison})[data.kind](data);
document.getElementById('made').textContent = `Made by systole report of ${data.source}.`;
drawCharts();
followWidthAndColours();
