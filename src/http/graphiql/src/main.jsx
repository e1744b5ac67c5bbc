import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './page.css';

import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';

import { filled } from './examples.js';
import { createFetcher } from './fetcher.js';
import { storageOf } from './storage.js';

const { examples } = JSON.parse(document.getElementById('settings').textContent);
const endpoint = location.pathname;

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL
    fetcher={createFetcher(new URL(endpoint, location.href))}
    storage={storageOf(endpoint)}
    defaultTabs={await filled(examples, endpoint)}
    defaultEditorToolsVisibility="headers"
    shouldPersistHeaders
  />,
);
