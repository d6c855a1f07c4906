/** Brings the page to whatever application has this jar. */
@NullMarked
package dev.kimi.samples.chatpage.autoconfigure;

import org.jspecify.annotations.NullMarked;
