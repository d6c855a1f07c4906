/**
 * Chat requests that another program wrote, sent on through the engine: for gateways. Where the endpoint speaks the
 * protocol of that program, bytes go through as they came.
 */
@NullMarked
package dev.kimi.relay;

import org.jspecify.annotations.NullMarked;
