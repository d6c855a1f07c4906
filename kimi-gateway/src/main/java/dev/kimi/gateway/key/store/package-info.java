/** Where keys and what they have spent are kept: files, and databases. */
@NullMarked
package dev.kimi.gateway.key.store;

import org.jspecify.annotations.NullMarked;
