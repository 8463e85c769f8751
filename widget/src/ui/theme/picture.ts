import { css } from 'lit';

/** A video that fills its box, and the circle with initials that stands in its place. */
export const picture = css`
  video {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    object-fit: cover;
  }
  .avatar {
    display: grid;
    place-items: center;
    aspect-ratio: 1;
    border-radius: 50%;
    font-weight: 600;
    line-height: 1;
  }
`;
