@NullMarked
package dev.kimi.gateway.server;

import org.jspecify.annotations.NullMarked;
