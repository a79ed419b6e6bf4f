"use strict";
// The page shows what `v1/live` sends each second, and what `v1/services/NAME/history`, `v1/faults`
// and `v1/events` hold from before. Text from the data only ever becomes a text node.

const WINDOW = 600; // Seconds of history that are kept and drawn; the API holds as many.
const BUCKET = 5; // Seconds that one step of a chart stands for.
const SILENCE = 5000; // Milliseconds without a report after which the connection counts as lost.
const RETRY_LIMIT = 5000; // Milliseconds, the longest wait before connecting again.
const EVENTS_SHOWN = 60;
const FAULTS_SHOWN = 40;

const cards = new Map(); // Service name → card.
const histories = new Map(); // Service name → Map of second → point.
const counters = new Map(); // Service name → totals of the report before.
const faults = new Map(); // Id → fault record.
const events = new Map(); // Id → event record.
let report = null; // The newest LiveStatus.
let clockOffset = 0; // Ballast's clock less this browser's, milliseconds.
