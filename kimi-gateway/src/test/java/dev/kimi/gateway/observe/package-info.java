@NullMarked
package dev.kimi.gateway.observe;

import org.jspecify.annotations.NullMarked;
