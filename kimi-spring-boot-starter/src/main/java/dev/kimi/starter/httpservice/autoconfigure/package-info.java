/** HTTP service groups of Spring Framework over the engine, if an application has them. */
@NullMarked
package dev.kimi.starter.httpservice.autoconfigure;

import org.jspecify.annotations.NullMarked;
