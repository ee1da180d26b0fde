import { define } from "../define.ts";
import { toSignIn } from "../page_answer.ts";

/** One's own pages need somebody signed in. */
export default define.middleware((ctx) => ctx.state.account ? ctx.next() : toSignIn(ctx));
