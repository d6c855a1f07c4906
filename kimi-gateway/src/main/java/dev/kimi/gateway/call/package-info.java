/** What the gateway does for one request of a client, and who is notified of it. */
@NullMarked
package dev.kimi.gateway.call;

import org.jspecify.annotations.NullMarked;
