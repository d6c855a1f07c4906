/** The protocols as a server speaks them: how requests are read, and responses and errors written. */
@NullMarked
package dev.kimi.gateway.dialect;

import org.jspecify.annotations.NullMarked;
