import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const account = "000000000000";

/** A server on this machine that knows just enough of AWS for `sst build` to believe in an account. */
export type LoopbackAccount = {
  /** Environment with which every AWS SDK talks to this server and to nothing else. */
  environment: Record<string, string>;
  /** Calls that it could not answer, as `Service.Action`. */
  unanswered: string[];
  close(): Promise<void>;
};

/** Starts the server on a free loopback port. */
export async function startLoopbackAccount(region: string): Promise<LoopbackAccount> {
  const unanswered: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const target = request.headers["x-amz-target"];
    const parameters = new URLSearchParams(body);
    const action = String(target ?? parameters.get("Action") ?? `${request.method} ${request.url}`);
    const answer = answerTo(action, parameters.get("StackName") ?? "");
    if (answer === undefined) unanswered.push(action);
    response.writeHead(answer === undefined ? 400 : 200, { "content-type": target ? "application/x-amz-json-1.1" : "text/xml" });
    response.end(answer ?? notAnswered(action, target !== undefined));
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  return {
    environment: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: "loopback",
      AWS_SECRET_ACCESS_KEY: "loopback",
      AWS_REGION: region,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    },
    unanswered,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function answerTo(action: string, stackName: string): string | undefined {
  if (action === "GetCallerIdentity")
    return `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${account}</Account><UserId>loopback</UserId><Arn>arn:aws:iam::${account}:root</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`;
  if (action === "DescribeStacks" && stackName === "CDKToolkit") return stack(stackName, { BootstrapVersion: "21", BucketName: "loopback-cdk" });
  if (action === "DescribeStacks" && stackName === "SSTBootstrap") return stack(stackName, { Version: "7.4", BucketName: "loopback-sst" });
  if (action.startsWith("AmazonSSM.GetParameters")) return `{"Parameters":[]}`;
  return undefined;
}

function stack(name: string, outputs: Record<string, string>): string {
  const members = Object.entries(outputs).map(([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`);
  return `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>${name}</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime><Outputs>${members.join("")}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
}

function notAnswered(action: string, json: boolean): string {
  const message = `the loopback account does not answer ${action}`;
  return json
    ? JSON.stringify({ __type: "NotAnswered", message })
    : `<ErrorResponse><Error><Type>Sender</Type><Code>NotAnswered</Code><Message>${message}</Message></Error></ErrorResponse>`;
}
