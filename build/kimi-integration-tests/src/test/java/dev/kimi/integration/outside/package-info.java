/** Applications built outside the reactor, run with {@code java -jar}; profile {@code outside}. */
@NullMarked
package dev.kimi.integration.outside;

import org.jspecify.annotations.NullMarked;
