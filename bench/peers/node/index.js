// The list of todos as one writes it in Node: Express, aws-jwt-verify, the AWS SDK. It does what
// functions/todos does with the same request: a bearer token with its signature, issuer, audience
// and times, a scope or a role, one Query, JSON.

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import serverlessExpress from "@codegenie/serverless-express";
import { JwtVerifier } from "aws-jwt-verify";
import express from "express";
import { serve } from "./runtime.js";

const { OIDC_ISSUER: issuer, API_AUDIENCE: audience, TODOS_TABLE } = process.env;
// Whoever may write may read.
const scopes = [process.env.TODOS_READ_SCOPE, process.env.TODOS_WRITE_SCOPE].filter(Boolean);
const appRoles = [process.env.TODOS_READ_ROLE, process.env.TODOS_WRITE_ROLE].filter(Boolean);

const tables = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: process.env.AWS_ENDPOINT_URL_DYNAMODB }));

// In init, as functions/todos does. aws-jwt-verify would fetch keys over https only.
const document = async (url) => (await fetch(url)).json();
const { jwks_uri: jwksUri } = await document(`${issuer}/.well-known/openid-configuration`);
const verifier = JwtVerifier.create({ issuer, audience, jwksUri });
verifier.cacheJwks(await document(jwksUri));

async function authorize(request, response, next) {
  const [scheme, token] = (request.headers.authorization ?? "").split(" ");
  if (scheme.toLowerCase() !== "bearer" || !token) return response.status(401).set("WWW-Authenticate", "Bearer").end();
  try {
    request.claims = await verifier.verify(token);
  } catch {
    return response.status(401).set("WWW-Authenticate", 'Bearer error="invalid_token"').end();
  }
  // A claim of another type grants nothing.
  const scp = typeof request.claims.scp === "string" ? request.claims.scp : "";
  const roles = Array.isArray(request.claims.roles) ? request.claims.roles : [];
  request.isApplication = roles.some((role) => appRoles.includes(role));
  if (!request.isApplication && !scp.split(" ").some((scope) => scopes.includes(scope))) {
    return response.status(403).set("WWW-Authenticate", 'Bearer error="insufficient_scope"').end();
  }
  next();
}

async function list(request, response) {
  const { oid, sub } = request.claims;
  const owner = request.isApplication ? request.query.owner : (oid ?? sub);
  // todos lists all owners then; that is not what is compared.
  if (typeof owner !== "string") return response.status(400).end();
  const limit = 25;
  const { Items: rows } = await tables.send(
    new QueryCommand({
      TableName: TODOS_TABLE,
      KeyConditionExpression: "owner_key = :owner",
      ExpressionAttributeValues: { ":owner": `${issuer}#${owner}` },
      ScanIndexForward: false,
      ConsistentRead: true,
      Limit: limit + 1,
    }),
  );
  const items = rows.slice(0, limit).map(({ owner_key, todo_id, ...todo }) => todo);
  response.json({ items, next: rows.length > limit ? items.at(-1).id : null });
}

const app = express();
app.disable("x-powered-by");
app.get("/api/todos", authorize, list);

await serve(serverlessExpress({ app }));
