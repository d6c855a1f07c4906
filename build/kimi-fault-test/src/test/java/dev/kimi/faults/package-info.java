/** The whole client over real sockets, against a service that misbehaves. */
@NullMarked
package dev.kimi.faults;

import org.jspecify.annotations.NullMarked;
