export { signIn, type Identity } from "./sign-in.ts";
