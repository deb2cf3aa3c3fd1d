// Loaded before the proxy. Node takes the name that a certificate must have from the request's Host header, which is the
// enclave's own for every target: here it is the target's name, so that no workspace is taken for another or for the hub.
// A workspace is reached as <id>.<network>, by certificates of the gate; a service as one word, by those of the services.
import fs from "node:fs";
import https from "node:https";

const own = `${process.env.ECLUSE_ROOT ?? "/srv/ecluse"}/secrets/proxy`;
const workspaces = fs.readFileSync(`${own}/workspaces.pem`);
const services = fs.readFileSync(`${own}/trusted.pem`);
const connect = https.Agent.prototype.createConnection;

https.Agent.prototype.createConnection = function (options, done) {
  options.servername = options.host;
  options.ca = options.host.includes(".") ? workspaces : services;
  options.rejectUnauthorized = true;
  return connect.call(this, options, done);
};
