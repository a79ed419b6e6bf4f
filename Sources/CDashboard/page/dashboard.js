"use strict";
// One page that shows what `v1/live` sends each second and what the rest of the admin API answers.
// Text from the data only ever becomes a text node. The scripts share one scope, in the order of
// dashboard.c; `start.js` begins it all.

const SILENCE = 5000; // Milliseconds without a report after which the connection counts as lost.
const RETRY_LIMIT = 5000; // Milliseconds, the longest wait before connecting again.
const EVENTS_KEPT = 500;
const FAULTS_KEPT = 500;
const ROWS_SHOWN = 60; // Of a long table, before more are asked for.

const pages = {}; // Name → description of a page; each page's script adds its own.
const faults = new Map(); // Id → fault record.
const events = new Map(); // Id → event record.
let report = null; // The newest LiveStatus.
let series = null; // The newest TrafficSeriesStatus of all services.
let deployments = []; // DeploymentStatus, newest first.
let clockOffset = 0; // Ballast's clock less this browser's, milliseconds.
