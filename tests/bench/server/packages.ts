export { generate } from "npm:selfsigned@5.5.0";
