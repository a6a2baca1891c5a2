export { collect } from "./collect.ts";
export { type DataExportRow } from "./entity.ts";
export { download, drop, find, get, listDue } from "./read.ts";
export { request } from "./request.ts";
