// Node's http as the server behind: `node echo.js PORT LOG`. Answers with the body it read.
"use strict";
const fs = require("fs");
const http = require("http");
const log = fs.openSync(process.argv[3], "a");
const record = (...words) => fs.writeSync(log, Buffer.from(words.join("\t") + "\n", "latin1"));

const server = http.createServer((request, answer) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("error", () => {});
  request.on("end", () => {
    const body = Buffer.concat(parts);
    const id = request.headers["x-request-id"] || "-";
    record(id, request.method, request.url);
    answer.writeHead(200, { "X-Seen": `${id} ${request.url}`, "Content-Length": body.length });
    answer.end(request.method === "HEAD" ? undefined : body);
  });
});
server.on("clientError", (error, socket) => {
  // The end within a body is Ballast's word for a client that left.
  if (error.code !== "ECONNRESET" && error.code !== "HPE_INVALID_EOF_STATE") record("error", "-", `${error.code} ${error.message}`);
  socket.destroy();
});
server.keepAliveTimeout = 120000;
server.listen(Number(process.argv[2]), "127.0.0.1", 512);
