import type { SSTConfig } from "sst";
import { Api } from "./stacks/api.ts";
import { Auth } from "./stacks/auth.ts";
import { Bus } from "./stacks/bus.ts";
import { consumersByNoun } from "./stacks/consumers.ts";
import { dropUnusedSstResources, functionDefaults, isProduction } from "./stacks/defaults.ts";
import * as Parameters from "./stacks/parameters.ts";
import { Realtime } from "./stacks/realtime.ts";
import { Schedules } from "./stacks/schedules.ts";
import { Secrets } from "./stacks/secrets.ts";
import { Streams } from "./stacks/streams.ts";
import { Table } from "./stacks/table.ts";
import { Webhooks } from "./stacks/webhooks.ts";

export default {
  config: () => ({ name: "fashionistas", region: "us-east-1" }),
  stacks(app) {
    // In production each stack keeps what holds data. Keeping everything would leave a consumer at work after it was taken out.
    if (!isProduction(app.stage)) app.setDefaultRemovalPolicy("destroy");
    app.setDefaultFunctionProps(functionDefaults);

    app.stack(Secrets);
    app.stack(Table);
    app.stack(Bus);
    // CloudFormation knows no empty stack.
    if (!Parameters.issuer()) app.stack(Auth);
    app.stack(Realtime);
    app.stack(Webhooks);
    app.stack(Api);
    app.stack(Streams);
    for (const { id, stack } of consumersByNoun) app.stack(stack, { id });
    app.stack(Schedules);

    dropUnusedSstResources(app);
  },
} satisfies SSTConfig;
