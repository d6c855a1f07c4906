/** What clients see over HTTP: paths, bodies, models, and the way of a call from its request to its last byte. */
@NullMarked
package dev.kimi.gateway.face;

import org.jspecify.annotations.NullMarked;
