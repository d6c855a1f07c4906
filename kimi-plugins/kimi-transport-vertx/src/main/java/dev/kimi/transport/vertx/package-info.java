/** The default transport: HTTP/1.1 and HTTP/2 on Vert.x, with a connection pool of its own. */
@NullMarked
package dev.kimi.transport.vertx;

import org.jspecify.annotations.NullMarked;
