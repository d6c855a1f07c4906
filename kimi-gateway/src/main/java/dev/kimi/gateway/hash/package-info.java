/** Hashes that stand for what the gateway neither keeps nor passes on. */
@NullMarked
package dev.kimi.gateway.hash;

import org.jspecify.annotations.NullMarked;
