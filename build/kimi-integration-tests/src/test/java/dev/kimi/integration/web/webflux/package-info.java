@NullMarked
package dev.kimi.integration.web.webflux;

import org.jspecify.annotations.NullMarked;
