// Runs the official audit of GraphQL over HTTP: node http-audit.mjs URL
// Anything but "ok" fails: a warning is a SHOULD that is not kept, a notice a MAY.
import { serverAudits } from 'graphql-http';

import { Report, target } from './report.mjs';

const url = target();
const report = new Report('graphql-http');
for (const audit of serverAudits({ url, fetchFn: fetch })) {
  const result = await audit.fn();
  report.add(`${result.id} ${result.name}`, result.status === 'ok', `${result.status}: ${result.reason ?? ''}`);
}
report.finish(61);
