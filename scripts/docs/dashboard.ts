// Owns the Grafana dashboard as the JSON that Grafana imports.
import { type Panel, ROWS } from './dashboard-rows.ts';

const DATASOURCE = { type: 'prometheus', uid: '$datasource' };
const HEIGHTS: Readonly<Record<Panel['kind'], number>> = { stat: 4, timeseries: 8 };

function panelJson(panel: Panel, id: number, x: number, y: number): object {
  return {
    id,
    type: panel.kind,
    title: panel.title,
    description: panel.description,
    datasource: DATASOURCE,
    gridPos: { x, y, w: panel.width, h: HEIGHTS[panel.kind] },
    fieldConfig: { defaults: { unit: panel.unit, min: 0 }, overrides: [] },
    targets: panel.queries.map(({ expr, legend }, n) => ({
      refId: String.fromCharCode(65 + n),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
    })),
  };
}

/** Panels from left to right, row by row, as wide as they say. */
function layout(): readonly object[] {
  const laid: object[] = [];
  let y = 0;
  for (const { title, panels } of ROWS) {
    laid.push({
      id: laid.length + 1,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: 24, h: 1 },
      panels: [],
    });
    y += 1;
    let x = 0;
    for (const [n, panel] of panels.entries()) {
      laid.push(panelJson(panel, laid.length + 1, x, y));
      x += panel.width;
      const next = panels[n + 1];
      if (next === undefined || x + next.width > 24) {
        x = 0;
        y += HEIGHTS[panel.kind];
      }
    }
  }
  return laid;
}

/** Text of deploy/grafana/countersign.json. */
export function dashboard(): string {
  const document = {
    uid: 'countersign',
    title: 'Countersign',
    description: 'Written by scripts/generate-docs.ts from scripts/docs/dashboard-rows.ts.',
    tags: ['countersign'],
    schemaVersion: 39,
    editable: true,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' },
        {
          name: 'instance',
          label: 'Gateway',
          type: 'query',
          datasource: DATASOURCE,
          query: 'label_values(countersign_build_info, instance)',
          refresh: 2,
          multi: true,
          includeAll: true,
          allValue: '.*',
          current: { text: 'All', value: '$__all' },
        },
      ],
    },
    panels: layout(),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
