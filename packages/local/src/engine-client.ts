import { Agent, request } from "node:http";

/**
 * A local DynamoDB-compatible engine, spoken to in its own JSON. The AWS SDK costs half a millisecond a call, most of it for
 * schemas and signatures; what AWS and the vendors would keep for us is written and read thousands of times a second here,
 * and a stream record in the engine's JSON is the Lambda event as it stands.
 */
export type EngineClient = { call<T>(operation: string, input: object): Promise<T>; close(): void };

export class EngineError extends Error {
  override readonly name: string;

  constructor(type: string, message: string) {
    super(message);
    this.name = type;
  }
}

/** Local engines check no signature, but want to see who is asking. */
const AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=local/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=local";
const STREAM_OPERATIONS = new Set(["DescribeStream", "GetShardIterator", "GetRecords"]);

/** A client with connections of its own. Operations by name, for example `PutItem` and `GetRecords`. */
export function engineClient(endpoint: string): EngineClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const { hostname, port } = new URL(endpoint);
  return {
    call<T>(operation: string, input: object): Promise<T> {
      const body = JSON.stringify(input);
      const service = STREAM_OPERATIONS.has(operation) ? "DynamoDBStreams_20120810" : "DynamoDB_20120810";
      const headers = {
        "content-type": "application/x-amz-json-1.0",
        "content-length": Buffer.byteLength(body),
        "x-amz-target": `${service}.${operation}`,
        authorization: AUTHORIZATION,
        "x-amz-date": "20260101T000000Z",
      };
      return new Promise((resolve, reject) => {
        const outgoing = request({ agent, hostname, port, method: "POST", path: "/", headers }, (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("error", reject);
          answer.on("end", () => {
            const said = JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}") as { __type?: string; message?: string; Message?: string };
            if (answer.statusCode === 200) resolve(said as T);
            else reject(new EngineError(said.__type?.split("#").at(-1) ?? "EngineError", said.message ?? said.Message ?? `status ${answer.statusCode}`));
          });
        });
        outgoing.on("error", reject);
        outgoing.end(body);
      });
    },
    close: () => agent.destroy(),
  };
}
