/** The HTTP server around the gateway: its limits, slow clients, readiness, and how it stops. */
@NullMarked
package dev.kimi.gateway.server;

import org.jspecify.annotations.NullMarked;
